#!/usr/bin/env python3
"""What people would use instead of `swip check`, over the same plan: about a third of its rules.

    cargo bench --bench check -- generate mixed 100000 DIRECTORY
    python3 benches/peers.py DIRECTORY/mixed-100000 [TOOL…]

Each tool finds blocks that cannot be read, blocks outside their parent, overlaps under one parent,
IPv6 blocks below a /64, and characters that no net name has, and prints how many it found and how
long it took. netaddr is measured where it is installed.
"""

import csv
import ipaddress
import pathlib
import re
import resource
import sqlite3
import sys
import time

NAME = re.compile(r"[A-Za-z0-9 -]{1,50}")


def rows(directory):
    with open(directory / "plan.csv", newline="") as plan:
        yield from csv.DictReader(plan)


def parents(directory, parse):
    with open(directory / "parents.csv", newline="") as file:
        return {row["net_handle"]: parse(row["prefix"]) for row in csv.DictReader(file)}


def csv_only(directory):
    """Reads every record and does nothing else."""
    with open(directory / "plan.csv", newline="") as plan:
        return {"rows": sum(1 for _ in csv.reader(plan)) - 1}


def judge(directory, parse):
    """Rows judged one by one, then sorted by parent and begin and swept."""
    known = parents(directory, parse)
    found = {"bad": 0, "outside": 0, "small": 0, "name": 0, "overlap": 0}
    spans = []
    for number, row in enumerate(rows(directory)):
        if not NAME.fullmatch(row["net_name"]):
            found["name"] += 1
        try:
            version, first, last = parse(row["prefix"])
        except ValueError:
            found["bad"] += 1
            continue
        parent = known[row["parent_net"]]
        if parent[0] != version or not (parent[1] <= first and last <= parent[2]):
            found["outside"] += 1
        if version == 6 and last - first < (1 << 64) - 1:
            found["small"] += 1
        spans.append((row["parent_net"], first, -last, number))
    spans.sort()
    group, reach = None, -1
    for parent, first, last, _ in spans:
        if parent != group:
            group, reach = parent, -1
        found["overlap"] += first <= reach
        reach = max(reach, -last)
    return found


def by_ipaddress(directory):
    def parse(text):
        net = ipaddress.ip_network(text)
        return net.version, int(net.network_address), int(net.broadcast_address)

    return judge(directory, parse)


def by_netaddr(directory):
    import netaddr

    def parse(text):
        try:
            net = netaddr.IPNetwork(text)
        except netaddr.AddrFormatError as fault:
            raise ValueError from fault
        if net.cidr != net:
            raise ValueError(text)
        return net.version, net.first, net.last

    return judge(directory, parse)


def by_sqlite(directory):
    """Overlaps by a window function; blocks are read with ipaddress, as SQLite has none."""
    data = sqlite3.connect(":memory:")
    data.execute("create table nets (parent text, first blob, last blob)")
    bad = 0

    def nets():
        nonlocal bad
        for row in rows(directory):
            try:
                net = ipaddress.ip_network(row["prefix"])
            except ValueError:
                bad += 1
                continue
            ends = int(net.network_address), int(net.broadcast_address)
            yield row["parent_net"], *(end.to_bytes(16, "big") for end in ends)

    data.executemany("insert into nets values (?, ?, ?)", nets())
    overlap = data.execute(
        "select count(*) from (select first, max(last) over (partition by parent order by first, last desc"
        " rows between unbounded preceding and 1 preceding) reach from nets) where first <= reach"
    ).fetchone()
    return {"bad": bad, "overlap": overlap[0]}


TOOLS = {"csv": csv_only, "ipaddress": by_ipaddress, "netaddr": by_netaddr, "sqlite": by_sqlite}


def main():
    directory = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or TOOLS:
        begin = time.perf_counter()
        try:
            found = TOOLS[name](directory)
        except ImportError as missing:
            print(f"{name:<10} not measured: {missing}")
            continue
        took = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name:<10} {took:8.3f} s   peak of all so far {peak} MiB   {found}")


if __name__ == "__main__":
    main()
