#!/usr/bin/env python3
"""Makes a registry as an operator inherits it, a plan that agrees with four fifths of it, and the key.

    python3 samples/practice/inherited.py                       # 14,000 records, here
    python3 samples/practice/inherited.py 350 tests/fixtures/inherited

The records were made by other tools and people: wrong names, old customers, many customers of one
name, blocks split otherwise than the plan, nets under reallocations, nets of a foreign org, private
customers, origin AS numbers, nets with contacts of their own, one customer on two nets.
inherited-key.json says in which group every row and net belongs, by construction and not by looking.
Nothing here is real: blocks are of the documentation and benchmarking ranges, names are invented.
"""
import csv
import ipaddress
import json
import pathlib
import random
import sys

SEED = 2026
RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 14_000
OUT = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent
OURS, SECOND, FOREIGN = "EXAMPLE-1", "EXAMPLE-2", "UPSTREAM-9"
KEYS = [{"key": "API-0000-0000-5A1D-CAFE", "orgs": [OURS, SECOND]},
        {"key": "API-0000-0000-0001-0001", "orgs": [OURS]},
        {"key": "API-0000-0000-0002-0002", "orgs": [SECOND]}]
# handle, block, type, org, managed, parent at the registry
PARENTS = [("NET-198-18-0-0-1", "198.18.0.0/16", "DA", OURS, True, None),
           ("NET-198-19-0-0-1", "198.19.0.0/16", "DA", SECOND, True, None),
           ("NET-198-51-100-128-1", "198.51.100.128/25", "A", OURS, True, "NET-198-51-100-0-1"),
           ("NET6-2001-DB8-1", "2001:db8::/32", "DA", OURS, True, None),
           ("NET6-3FFF-1", "3fff::/24", "DA", OURS, True, None),
           ("NET-192-0-2-0-1", "192.0.2.0/24", "DA", FOREIGN, False, None)]
UPSTREAM = ("NET-198-51-100-0-1", "198.51.100.0/24", "DA", FOREIGN)
COLUMNS = ["reference", "parent_net", "prefix", "start", "end", "net_name", "action", "org_handle", "customer_handle",
           "customer_name", "street", "street2", "city", "state", "postal_code", "country", "private", "comment"]
TOWNS = [("Reston", "VA", "20190", "US"), ("Oak Park", "IL", "60302", "US"), ("Boston", "MA", "02151", "US"),
         ("Denver", "CO", "80202", "US"), ("Portland", "OR", "97204", "US"), ("Montreal", "QC", "H2X 1Y4", "CA"),
         ("Toronto", "ON", "M5V 2T6", "CA"), ("Halifax", "NS", "B3J 1S9", "CA")]
WORDS = ["Maple", "Harbor", "Summit", "Prairie", "Granite", "Cedar", "Lakeview", "Union", "Pioneer", "River"]
TRADES = ["Dental LLC", "Bakery Inc", "Logistics", "Print and Sign", "Hardware Co", "Legal Group", "Brewing"]
ORGS = ["MAPLE-7", "LVH-12", "HARBOR-3", "SUMMIT-21"]
# Of 14,000 records: how many rows of the plan, or nets that no row wants, are of each kind.
KINDS = {"equal": 10_160, "equal-detailed": 800, "equal-range": 40, "equal-v6": 200,
         "net-name": 400, "customer-name": 200, "spelling": 300, "address": 250, "privacy": 50, "comment": 50,
         "old-customer": 250, "other-org": 60, "other-kind": 40, "split-two": 100, "merged": 60, "shifted": 10,
         "stale": 480, "invalid": 60, "withheld": 20, "recorded": 10, "shared": 8, "new": 400}
REALLOCATIONS, GIVEN_AWAY, CHILDREN, ROWS_INSIDE, FOREIGN_ROWS, UPSTREAM_ROWS = 36, 4, 5, 3, 10, 8

draw = random.Random(SEED)
nets, customers, plan = [], [], []
key = {"groups": dict.fromkeys(["equal", "name", "spelling", "address", "recipient", "split"], 0),
       "not_registered": 0, "not_in_plan": 0, "protected": 0, "refused": 0, "unknown": 0,
       "not_managed": {"rows": 0, "nets": 0}}
used_handles = {parent[0] for parent in PARENTS} | {UPSTREAM[0]}


def scaled(count):
    return max(2, round(count * RECORDS / 14_000)) // 2 * 2


def net_handle(first):
    if first.version == 4:
        stem = "NET-" + str(first).replace(".", "-")
    else:
        groups = [format(int(group, 16), "X") for group in first.exploded.split(":")]
        while len(groups) > 1 and groups[-1] == "0":
            groups.pop()
        stem = "NET6-" + "-".join(groups)
    counter = 1
    while f"{stem}-{counter}" in used_handles:
        counter += 1
    used_handles.add(f"{stem}-{counter}")
    return f"{stem}-{counter}"


def date():
    return f"{draw.randrange(1999, 2026)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T{draw.randrange(8, 19):02}:{draw.randrange(60):02}:{draw.randrange(60):02}-05:00"


def person():
    """Few names for many customers: a name tells nothing."""
    town = draw.choice(TOWNS)
    return {"customer_name": f"{draw.choice(WORDS)} {draw.choice(TRADES)}", "street": f"{draw.randrange(1, 999)} {draw.choice(WORDS)} Street",
            "street2": draw.choice(["", "", f"Suite {draw.randrange(1, 40)}"]), "city": town[0], "state": town[1],
            "postal_code": town[2], "country": town[3]}


def register(parent, block, name, kind="S", org=None, customer=None, handle=None, comment=None):
    """Adds a record to the world; gives its net handle. `block` is a network, or first and last address."""
    first, last = (block if isinstance(block, tuple) else (block[0], block[-1]))
    # Its parent is the smallest allocation around it, which the registry finds by itself.
    net = {"handle": handle or net_handle(first), "netName": name.upper().replace(" ", "-"), "type": kind,
           "range": f"{first} - {last}" if isinstance(block, tuple) else str(block)}
    if org:
        net["orgHandle"] = org
    elif isinstance(customer, str):
        net["customerHandle"] = customer
    else:
        record = {"handle": f"C{10_000_001 + len(customers)}", "customerName": customer["customer_name"],
                  "parentOrgHandle": next(p[3] for p in PARENTS if p[0] == parent) if any(p[0] == parent for p in PARENTS) else FOREIGN,
                  "streetAddress": [line for line in (customer["street"], customer["street2"]) if line],
                  "city": customer["city"], "state": customer["state"], "postalCode": customer["postal_code"], "country": customer["country"]}
        if customer.get("private") == "true":
            record["privateCustomer"] = True
        record["registrationDate"] = date()
        customers.append(record)
        net["customerHandle"] = record["handle"]
    if draw.random() < 0.015:
        net["pocs"] = [{"function": "T", "handle": "NOC7-ARIN"}, {"function": "AB", "handle": "ABUSE7-ARIN"}]
    if draw.random() < 0.02:
        net["originAses"] = [f"AS{draw.randrange(64496, 64512)}"]
    if comment:
        net["comment"] = comment.split("\n")
    net["registrationDate"] = date()
    nets.append(net)
    return net["handle"]


def row(parent, block, **cells):
    record = dict.fromkeys(COLUMNS, "")
    record["reference"] = f"CIR-{len(plan) + 1:05}"
    record["parent_net"] = parent if draw.random() < 0.5 else ""
    if isinstance(block, tuple):
        record["start"], record["end"] = map(str, block)
    else:
        record["prefix"] = str(block)
    record.update(cells)
    plan.append(record)


def simple(customer):
    """The cells of a customer; every twelfth is private."""
    if draw.random() < 1 / 12:
        return dict(customer, private="true", customer_name=f"Residence {draw.randrange(1000)}")
    return dict(customer, private=draw.choice(["", "false"]))


def name(number):
    return f"CUST-{number:05}"


def make(kind, parent, block):
    """One row of the plan, or one net that no row wants, on one slot."""
    number, cells, groups = len(nets), simple(person()), key["groups"]
    named = draw.choice(["", name(number)])
    comment = draw.choice(["", "", "", "Managed by Example Fiber"])
    if kind == "equal" or kind == "equal-v6":
        register(parent, block, name(number), customer=cells, comment=comment)
        row(parent, block, net_name=named, comment=comment, **cells)
        groups["equal"] += 1
    elif kind == "equal-detailed":
        org = draw.choice(ORGS)
        register(parent, block, f"DOWNSTREAM {number}", org=org)
        row(parent, block, net_name=f"Downstream {number}", org_handle=org)
        groups["equal"] += 1
    elif kind == "equal-range":
        part = (block[1], block[5])
        register(parent, part, name(number), customer=cells)
        row(parent, part, **cells)
        groups["equal"] += 1
    elif kind == "net-name":
        register(parent, block, draw.choice(["POOL", "TEST-NET", "OLD", "CUSTOMER"]) + f"-{number}", customer=cells)
        row(parent, block, net_name=name(number), **cells)
        groups["name"] += 1
    elif kind == "customer-name":
        cells["private"] = ""
        register(parent, block, name(number), customer=dict(cells, customer_name=f"Former {cells['customer_name']}"))
        row(parent, block, **cells)
        groups["name"] += 1
    elif kind == "spelling":
        odd = draw.choice([("customer_name", str.upper), ("customer_name", lambda t: t + "."), ("street", lambda t: t.replace(" ", "  ")), ("city", str.upper)])
        register(parent, block, name(number), customer=dict(cells, **{odd[0]: odd[1](cells[odd[0]])}))
        row(parent, block, net_name=named, **cells)
        groups["spelling"] += 1
    elif kind == "address":
        change = draw.choice([{"street": "1 Former Street"}, {"city": "Springfield"}, {"street": "9 Old Mill Road", "city": "Salem", "state": "OR", "postal_code": "97301", "country": "US"}])
        register(parent, block, f"OLD-{number}", customer=dict(cells, **change))
        row(parent, block, net_name=draw.choice(["", name(number)]), **cells)
        groups["address"] += 1
    elif kind == "privacy":
        cells["private"] = "true"
        register(parent, block, name(number), customer=dict(cells, private=""))
        row(parent, block, **cells)
        groups["address"] += 1
    elif kind == "comment":
        register(parent, block, name(number), customer=cells, comment="Ticket 4711, see wiki")
        row(parent, block, comment="Managed by Example Fiber", **cells)
        groups["address"] += 1
    elif kind == "old-customer":
        old = dict(person(), customer_name=f"{draw.choice(WORDS)} Estate {number}", street=f"{number + 1000} Old Mill Road")
        register(parent, block, name(number), customer=old)
        row(parent, block, net_name=named, **cells)
        groups["recipient"] += 1
    elif kind == "other-org":
        register(parent, block, f"DOWNSTREAM {number}", org="FORMER-5")
        row(parent, block, org_handle=draw.choice(ORGS))
        groups["recipient"] += 1
    elif kind == "other-kind":
        register(parent, block, f"DOWNSTREAM {number}", org=draw.choice(ORGS))
        row(parent, block, **cells)
        groups["recipient"] += 1
    elif kind == "split-two":
        for half in block.subnets(1):
            register(parent, half, name(number), customer=person())
        row(parent, block, net_name=named, **cells)
        groups["split"] += 1
    elif kind == "shifted":
        register(parent, (block[0], block[3]), name(number), customer=person())
        row(parent, (block[2], block[6]), **cells)
        groups["split"] += 1
    elif kind == "stale":
        register(parent, block, name(number), customer=cells)
        key["not_in_plan"] += 1
    elif kind == "invalid":
        register(parent, block, name(number), customer=cells)
        row(parent, block, **dict(cells, country="UK"))
        key["protected"] += 1
    elif kind == "withheld":
        register(parent, block, name(number), customer=cells)
        row(parent, block, **cells)
        row(parent, block, **simple(person()))
        key["protected"] += 1
    elif kind == "recorded":
        register(parent, block, name(number), customer=cells)
        row(parent, block, **dict(cells, action="record-only"))
        key["protected"] += 1
    elif kind == "new":
        row(parent, block, net_name=named, **cells)
        key["not_registered"] += 1


def make_pair(kind, parent, block):
    """On two slots: two rows of the plan on one net, or two nets on one customer."""
    number, halves = len(nets), list(block.subnets(1))
    if kind == "merged":
        register(parent, block, name(number), customer=person())
        for half in halves:
            row(parent, half, **simple(person()))
        key["groups"]["split"] += 2
    else:
        cells = person()
        register(parent, halves[0], name(number), customer=cells)
        register(parent, halves[1], name(number), customer=customers[-1]["handle"])
        for half in halves:
            row(parent, half, **cells)
        key["refused"] += 2


def reallocations(pool):
    """A /24 each: those in the plan are equal, those that are not hold rows that are not ours."""
    second = PARENTS[1][0]
    for at in range(scaled(REALLOCATIONS) + GIVEN_AWAY):
        block, org = next(pool), draw.choice(ORGS)
        planned = at >= GIVEN_AWAY
        handle = register(second, block, f"REALLOCATED {at}", kind="A", org=org)
        inner = list(block.subnets(new_prefix=29))
        for child in inner[:CHILDREN]:
            register(handle, child, f"BELOW {at}", customer=person())
            key["not_managed"]["nets"] += 1
        if planned:
            row(second, block, action="reallocate", org_handle=org)
            key["groups"]["equal"] += 1
        else:
            for child in inner[CHILDREN - 1:CHILDREN - 1 + ROWS_INSIDE]:
                row(second, child, **simple(person()))
                key["not_managed"]["rows"] += 1
            key["protected"] += 1


def foreign():
    handle, block = PARENTS[5][:2]
    for child in list(ipaddress.ip_network(block).subnets(new_prefix=29))[:FOREIGN_ROWS]:
        cells = person()
        register(handle, child, "FOREIGN", customer=cells)
        row(handle, child, **cells)
        key["not_managed"]["rows"] += 1
    handle, block = PARENTS[2][:2]
    for child in list(ipaddress.ip_network(block).subnets(new_prefix=29))[:UPSTREAM_ROWS]:
        cells = person()
        register(handle, child, name(len(nets)), customer=cells)
        row(handle, child, **cells)
        key["groups"]["equal"] += 1


def slots(parent, length):
    return ipaddress.ip_network(parent).subnets(new_prefix=length)


def build():
    # Pairs of slots; the last quarter of the second parent is for reallocations.
    chunks = [(PARENTS[0][0], chunk) for chunk in slots(PARENTS[0][1], 28)]
    chunks += [(PARENTS[1][0], chunk) for chunk in slots("198.19.0.0/17", 28)]
    chunks += [(PARENTS[1][0], chunk) for chunk in slots("198.19.128.0/18", 28)]
    v6 = iter([(PARENTS[3][0], slot) for _, slot in zip(range(4000), slots(PARENTS[3][1], 48))])
    reallocations(iter(slots("198.19.192.0/18", 24)))
    foreign()
    # As many records as were asked for: what is short is equal, and half of that is IPv6.
    counts = {kind: scaled(count) for kind, count in KINDS.items()}
    per_kind = {"new": 0, "split-two": 2, "merged": 0.5}
    known = len(nets) + sum(count * per_kind.get(kind, 1) for kind, count in counts.items() if kind != "equal")
    short = RECORDS - int(known)
    counts["equal-v6"] += short // 6
    counts["equal"] = short - short // 6
    singles = [kind for kind, count in counts.items() if kind not in ("merged", "shared", "equal-v6") for _ in range(count)]
    pairs = [kind for kind in ("merged", "shared") for _ in range(counts[kind] // 2)]
    draw.shuffle(singles)
    if len(singles) % 2:
        singles.append(None)
    work = pairs + list(zip(singles[::2], singles[1::2]))
    draw.shuffle(work)
    step = max(1, len(chunks) // len(work))
    for at, item in enumerate(work):
        parent, chunk = chunks[at * step]
        if isinstance(item, str):
            make_pair(item, parent, chunk)
        else:
            for kind, slot in zip(item, chunk.subnets(1)):
                if kind:
                    make(kind, parent, slot)
    for _ in range(counts["equal-v6"]):
        make("equal-v6", *next(v6))


def world():
    def org(handle):
        links = [{"function": code, "handle": f"{poc}7-ARIN"} for code, poc in (("AD", "ADMIN"), ("T", "NOC"), ("AB", "ABUSE"))]
        return {"handle": handle, "orgName": handle.title().replace("-", " "), "streetAddress": ["1 Fiber Way"], "city": "Reston",
                "state": "VA", "postalCode": "20190", "country": "US", "pocs": links, "registrationDate": "1998-04-01T09:00:00-05:00"}

    def poc(name):
        return {"handle": f"{name}7-ARIN", "contactType": "ROLE", "companyName": "Example Fiber", "lastName": f"{name.title()} Desk",
                "streetAddress": ["1 Fiber Way"], "city": "Reston", "state": "VA", "postalCode": "20190", "country": "US",
                "emails": [f"{name.lower()}@example.net"], "phones": [{"number": "+1-703-555-0100", "type": "O"}],
                "registrationDate": "1998-04-01T09:00:00-05:00"}

    top = [{"handle": handle, "netName": handle, "type": kind, "range": block, "orgHandle": holder, "registrationDate": "1998-04-02T09:00:00-05:00"}
           | ({"parentNetHandle": parent} if parent else {}) for handle, block, kind, holder, _, parent in PARENTS]
    top.append(dict(zip(("handle", "range", "type", "orgHandle"), UPSTREAM), netName="UPSTREAM", registrationDate="1997-01-01T09:00:00-05:00"))
    return {"id": f"inherited-{SEED}-{RECORDS}", "keys": KEYS, "pocs": [poc(name) for name in ("ADMIN", "NOC", "ABUSE")],
            "orgs": [org(handle) for handle in [OURS, SECOND, FOREIGN, "FORMER-5", *ORGS]], "nets": top + nets, "customers": customers}


def write_csv(name, columns, records):
    with open(OUT / name, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(records)


def compact(value):
    return json.dumps(value, separators=(",", ":"))


build()
assert len(nets) == RECORDS, len(nets)
key |= {"records": len(nets), "rows": len(plan)}
OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "inherited.json", "w", encoding="utf-8") as out:
    parts = [f"{compact(name)}:" + (compact(value) if isinstance(value, str) else "[\n" + ",\n".join(map(compact, value)) + "\n]") for name, value in world().items()]
    out.write("{" + ",\n".join(parts) + "}\n")
(OUT / "inherited-key.json").write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")
write_csv("inherited-plan.csv", COLUMNS, [[record[column] for column in COLUMNS] for record in plan])
write_csv("inherited-parents.csv", ["net_handle", "prefix", "type", "org_handle", "managed"],
          [[handle, block, kind, org, "yes" if managed else "no"] for handle, block, kind, org, managed, _ in PARENTS])
