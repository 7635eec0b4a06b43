#!/usr/bin/env python3
"""Makes a large NetBox export: large.py ROWS DIRECTORY writes aggregates.csv and prefixes.csv.

Deterministic: the same number of rows gives the same files. Every name and address is invented, every
block is from a documentation or benchmarking range. Read it with large.toml:
swip submit aggregates.csv prefixes.csv --mapping large.toml
"""
import csv
import ipaddress
import pathlib
import random
import sys

SEED = 2026
AGGREGATES = [("198.18.0.0/15", "NET-198-18-0-0-1"), ("3fff::/20", "NET6-3FFF-1")]
TOWNS = [("Reston", "VA", "20190", "US"), ("Oak Park", "IL", "60302", "US"), ("Denver", "CO", "80202", "US"),
         ("Montreal", "QC", "H2X 1Y4", "CA"), ("Halifax", "NS", "B3J 1S9", "CA")]
WORDS = ["Maple", "Harbor", "Summit", "Prairie", "Granite", "Cedar", "Lakeview", "Union", "Pioneer", "River"]
TRADES = ["Dental LLC", "Bakery Inc", "Logistics", "Print & Sign", "Hardware Co", "Legal Group"]
# Of a hundred rows: customers, space kept back, space of our own.
STATUSES = ["Active"] * 92 + ["Reserved"] * 4 + ["Deprecated"] * 2 + ["Active without swip"] * 2
HEADER = ["ID", "Prefix", "Prefix (Flat)", "Status", "Children", "VRF", "Utilization", "Tenant", "Role", "Description",
          "Comments", "Tags", "Circuit", "Cust Street", "Cust Town", "Cust Region", "Cust Zip", "Cust Country"]


def blocks(count):
    """One IPv4 /29 in six rows, as long as there is space; else an IPv6 /47."""
    four = ipaddress.ip_network(AGGREGATES[0][0]).subnets(new_prefix=29)
    six = ipaddress.ip_network(AGGREGATES[1][0]).subnets(new_prefix=47)
    for at in range(count):
        yield (next(four, None) if at % 6 == 0 else None) or next(six)


def main():
    count, directory = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    draw = random.Random(SEED)
    with open(directory / "aggregates.csv", "w", newline="") as out:
        write = csv.writer(out).writerow
        write(["Aggregate", "RIR", "Tenant", "Prefixes", "Utilization", "Added", "Description"])
        for block, handle in AGGREGATES:
            write([block, "ARIN", "", count, "40%", "2020-01-01", handle])
    with open(directory / "prefixes.csv", "w", newline="") as out:
        write = csv.writer(out).writerow
        write(HEADER)
        for at, block in enumerate(blocks(count), 1):
            status = draw.choice(STATUSES)
            town = draw.choice(TOWNS)
            tags = "fiber" if status.endswith("swip") else "fiber,swip"
            write([at, block, block, status.split(" ")[0], 0, "Global", "0.0%",
                   f"{draw.choice(WORDS)} {draw.choice(TRADES)} {at}", "Customer", "Fiber 100M", "", tags, f"CIR-{at:08}",
                   f"{draw.randrange(1, 999)} {draw.choice(WORDS)} Street", *town])


if __name__ == "__main__":
    main()
