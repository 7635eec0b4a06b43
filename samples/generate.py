#!/usr/bin/env python3
"""Makes the samples: plan.csv, parents.csv, netbox-prefixes.csv and broken.csv.

Deterministic: run it again and nothing changes. Every name and address is invented, every
block is from a documentation or benchmarking range.
"""
import csv
import ipaddress
import pathlib
import random

HERE = pathlib.Path(__file__).parent
SEED = 2026
ROWS = 250

PARENTS = [
    ("NET-198-18-0-0-1", "198.18.0.0/16", "DA", "EXAMPLE-1"),
    ("NET-198-19-0-0-1", "198.19.0.0/18", "DA", "EXAMPLE-1"),
    ("NET-198-51-100-0-1", "198.51.100.0/24", "DA", "EXAMPLE-1"),
    ("NET-203-0-113-0-1", "203.0.113.0/24", "A", "EXAMPLE-1"),
    ("NET6-2001-DB8-1", "2001:db8::/32", "DA", "EXAMPLE-1"),
    ("NET6-3FFF-1", "3fff::/24", "DA", "EXAMPLE-1"),
]
COLUMNS = ["reference", "parent_net", "prefix", "start", "end", "net_name", "action", "org_handle",
           "customer_name", "street", "street2", "city", "state", "postal_code", "country",
           "private", "comment"]
TOWNS = [("Reston", "VA", "20190", "US"), ("Oak Park", "IL", "60302", "US"),
         ("Boston", "MA", "02151", "US"), ("Denver", "CO", "80202", "US"),
         ("Portland", "OR", "97204", "US"), ("Montreal", "QC", "H2X 1Y4", "CA"),
         ("Toronto", "ON", "M5V 2T6", "CA"), ("Halifax", "NS", "B3J 1S9", "CA")]
WORDS = ["Maple", "Harbor", "Summit", "Prairie", "Granite", "Cedar", "Lakeview", "Union", "Pioneer", "River"]
TRADES = ["Dental LLC", "Bakery Inc", "Logistics", "Print & Sign", "Hardware Co", "Legal Group",
          "Medical Center", "School District", "Brewing", "Machine Works"]
ORGS = ["MAPLE-7", "LVH-12", "HARBOR-3", "SUMMIT-21"]
COMMENTS = ["", "", "", "Managed by Example Fiber", "Géré par l'équipe réseau\nHoraire d'été",
            "Atención de lunes a viernes\nCorreo del señor Núñez", "NOC hours 8am to 6pm Eastern"]


def blocks(parent, length, count, first=0):
    """`count` blocks of a length under a parent, every second one, from block `first`."""
    nets = ipaddress.ip_network(parent).subnets(new_prefix=length)
    return [net for at, net in zip(range(first + 2 * count), nets) if at >= first and at % 2 == 0]


def rows():
    draw = random.Random(SEED)
    plan = []

    def add(parent, block, kind, named=True):
        number = len(plan) + 1
        row = dict.fromkeys(COLUMNS, "")
        row["reference"] = f"CIR-{number:05}"
        row["parent_net"] = parent if named else ""
        row["prefix"] = str(block)
        row["comment"] = draw.choice(COMMENTS)
        if kind == "simple":
            town = draw.choice(TOWNS)
            row["customer_name"] = f"{draw.choice(WORDS)} {draw.choice(TRADES)} {number}"
            row["street"] = f"{draw.randrange(1, 999)} {draw.choice(WORDS)} Street"
            row["street2"] = draw.choice(["", "", f"Suite {draw.randrange(1, 40)}"])
            row["city"], row["state"], row["postal_code"], row["country"] = town
            row["private"] = draw.choice(["", "false"])
            row["net_name"] = draw.choice(["", f"CUST-{number:05}"])
        elif kind == "private":
            town = draw.choice(TOWNS)
            row["customer_name"] = f"Residence {number}"
            row["street"] = f"{draw.randrange(1, 999)} {draw.choice(WORDS)} Court"
            row["city"], row["state"], row["postal_code"], row["country"] = town
            row["private"] = "true"
        else:
            row["org_handle"] = draw.choice(ORGS)
            row["action"] = "reallocate" if kind == "reallocate" else draw.choice(["", "reassign-detailed"])
            row["net_name"] = f"DOWNSTREAM {number:05}"
        plan.append(row)
        return row

    v4, v4b, doc, real, v6, v6b = [parent[0] for parent in PARENTS]
    for at, block in enumerate(blocks("198.18.0.0/16", 29, 110)):
        add(v4, block, "private" if at % 9 == 0 else "simple", named=at % 5 != 0)
    for block in blocks("198.19.0.0/18", 24, 20):
        add(v4b, block, "detailed")
    for block in blocks("198.19.32.0/19", 26, 15, first=64):
        add(v4b, block, "reallocate")
    for block in blocks("198.51.100.0/24", 29, 12):
        add(doc, block, "simple")
    for block in blocks("203.0.113.0/24", 28, 6):
        add(real, block, "simple", named=False)
    odd = add(v4, "", "simple")
    odd["start"], odd["end"], odd["prefix"] = "198.18.200.8", "198.18.200.20", ""
    for block in blocks("2001:db8:100::/40", 48, 40):
        add(v6, block, "simple", named=False)["action"] = "reassign-simple"
    for block in blocks("2001:db8:8000::/34", 40, 10):
        add(v6, block, "reallocate")
    for at, block in enumerate(blocks("3fff::/24", 44, 36)):
        add(v6b, block, "private" if at % 6 == 0 else "detailed")
    assert len(plan) == ROWS, len(plan)
    return plan


def write(name, columns, records, end="\n"):
    with open(HERE / name, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator=end)
        writer.writerow(columns)
        writer.writerows(records)


def netbox(plan):
    """The same plan as a NetBox 4.x table export: custom fields by label, CRLF."""
    label = {"reference": "Circuit", "parent_net": "SWIP Parent", "prefix": "Prefix", "start": "SWIP Start",
             "end": "SWIP End", "net_name": "SWIP Name", "action": "SWIP Type", "org_handle": "SWIP Org",
             "customer_name": "Tenant", "street": "Customer Street", "street2": "Customer Suite",
             "city": "Customer City", "state": "Customer State", "postal_code": "Customer Postal",
             "country": "Customer Country", "private": "arin_private", "comment": "Comments"}
    head = ["ID", "Prefix", "Status", "VRF", "Tenant", "Role", "Description", "Tags", "Comments"]
    tail = [text for text in label.values() if text not in head]
    field = {text: name for name, text in label.items()}
    words = {"reassign-simple": "simple", "reassign-detailed": "detailed", "reallocate": "reallocation"}
    records = [[900 + at, block, "Container", "Global", "", "Customer Pool", f"ARIN {handle}", "arin", ""] + [""] * len(tail)
               for at, (handle, block, _, _) in enumerate(PARENTS)]
    for at, row in enumerate(plan):
        fixed = {"ID": 1000 + at, "Status": "Active", "VRF": "Global", "Role": "Customer", "Description": "", "Tags": "swip"}
        cell = lambda text: words.get(row[field[text]], row[field[text]])
        records.append([fixed[text] if text in fixed else cell(text) for text in head + tail])
    reserved = ["2000", "198.18.250.0/24", "Reserved", "Global", "", "", "do not register yet", "swip", ""]
    records.append(reserved + [""] * len(tail))
    write("netbox-prefixes.csv", head + tail, records, "\r\n")
    lines = ["# NetBox 4.x prefixes, table export \"All data\", with the customer in custom fields.", "[columns]"]
    lines += [f'{name} = "{text}"' for name, text in label.items()]
    lines += ["", "[where]", '"Status" = ["Active"]', '"Tags" = { has = "swip" }', "", "[values.action]",
              'simple = "reassign-simple"', 'detailed = "reassign-detailed"', 'reallocation = "reallocate"', ""]
    (HERE / "netbox.toml").write_text("\n".join(lines), encoding="utf-8")


def broken():
    good = {"prefix": "198.18.100.0/29", "customer_name": "Acme Inc", "street": "1 Main Street", "city": "Reston",
            "state": "VA", "postal_code": "20190", "country": "US"}
    org = {"prefix": "198.18.100.0/29", "org_handle": "MAPLE-7"}
    columns = COLUMNS + ["customer_handle", "org_name", "assigned_on", "x_why"]
    faults = [
        ("host bits", good | {"prefix": "198.18.101.9/29"}),
        ("no address", good | {"prefix": "198.18.300.0/29"}),
        ("octal", good | {"prefix": "198.18.010.0/29"}),
        ("reversed", good | {"prefix": "", "start": "198.18.102.9", "end": "198.18.102.1"}),
        ("two families", good | {"prefix": "", "start": "198.18.103.0", "end": "2001:db8::"}),
        ("no block", good | {"prefix": ""}),
        ("beyond its parent", good | {"prefix": "198.51.100.0/29", "parent_net": "NET-203-0-113-0-1"}),
        ("no such parent", good | {"prefix": "198.18.104.0/29", "parent_net": "NET-198-18-0-0-2"}),
        ("whole parent", org | {"prefix": "203.0.113.0/24"}),
        ("smaller than a /64", org | {"prefix": "2001:db8:1::/65"}),
        ("first of two", org | {"prefix": "198.18.105.0/28"}),
        ("overlap", org | {"prefix": "198.18.105.8/29"}),
        ("underscore", good | {"prefix": "198.18.106.0/29", "net_name": "ACME_1"}),
        ("long name", good | {"prefix": "198.18.107.0/29", "net_name": "A" * 60}),
        ("accent", good | {"prefix": "198.18.108.0/29", "customer_name": "Société Générale"}),
        ("control", good | {"prefix": "198.18.109.0/29", "street": "1 Main\x07 Street"}),
        ("private, named", good | {"prefix": "198.18.110.0/29", "private": "yes", "net_name": "ACME-INC"}),
        ("no recipient", {"prefix": "198.18.111.0/29"}),
        ("two recipients", good | {"prefix": "198.18.112.0/29", "org_handle": "MAPLE-7"}),
        ("first user", {"prefix": "198.18.113.0/29", "customer_handle": "C10000007"}),
        ("second user", {"prefix": "198.18.113.8/29", "customer_handle": "C10000007"}),
        ("customer, reallocated", good | {"prefix": "198.18.114.0/29", "action": "reallocate"}),
        ("new org", good | {"prefix": "198.18.115.0/29", "customer_name": "", "org_name": "Acme Org"}),
        ("handle", {"prefix": "198.18.116.0/29", "org_handle": "../poc/X"}),
        ("country", good | {"prefix": "198.18.117.0/29", "country": "UK"}),
        ("state", good | {"prefix": "198.18.118.0/29", "state": "Virginia"}),
        ("postal code", good | {"prefix": "198.18.119.0/29", "state": "MA", "postal_code": "2151"}),
        ("boolean", good | {"prefix": "198.18.120.0/29", "private": "ja"}),
        ("action", good | {"prefix": "198.18.121.0/29", "action": "reasign"}),
        ("date", good | {"prefix": "198.18.122.0/29", "assigned_on": "2026-13-01"}),
        ("late", good | {"prefix": "198.18.123.0/29", "assigned_on": "2020-01-01"}),
        ("not required", good | {"prefix": "198.18.124.0/30"}),
    ]
    records = [[(row | {"x_why": why}).get(column, "") for column in columns] for why, row in faults]
    write("broken.csv", columns, records)
    with open(HERE / "broken.csv", "a", encoding="utf-8") as out:
        out.write("CIR-9,,198.18.125.0/29,too,few\n")


plan = rows()
write("parents.csv", ["net_handle", "prefix", "type", "org_handle"], PARENTS)
write("plan.csv", COLUMNS, [[row[column] for column in COLUMNS] for row in plan])
netbox(plan)
broken()
