#!/usr/bin/env python3
"""Makes the two sample worlds of the practice registry. Run it after changing it."""

import ipaddress
import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
DATE = "2024-05-14T10:02:04-04:00"
ADDRESS = {
    "streetAddress": ["1 Fiber Way"],
    "city": "Reston",
    "state": "VA",
    "postalCode": "20190",
    "country": "US",
}


def org(handle, name, **more):
    links = [("AD", "NOC"), ("T", "NOC"), ("AB", "ABUSE")]
    pocs = [{"function": f, "handle": f"{who}-{handle}"} for f, who in links]
    return {"handle": handle, "orgName": name, **ADDRESS, "pocs": pocs, "registrationDate": DATE, **more}


def pocs(handle):
    return [
        {
            "handle": f"{who}-{handle}",
            "contactType": "ROLE",
            "companyName": handle,
            "lastName": f"{handle} {who}",
            **ADDRESS,
            "emails": [f"{who.lower()}@example.net"],
            "phones": [{"number": "+1-703-555-0100", "type": "O"}],
            "registrationDate": DATE,
        }
        for who in ("NOC", "ABUSE")
    ]


def customer(number, name, street, private=False, **more):
    record = {"handle": f"C{number:08}", "customerName": name, "parentOrgHandle": "EXAMPLE-1", **ADDRESS}
    record["streetAddress"] = [street]
    if private:
        record["privateCustomer"] = True
    return record | {"registrationDate": DATE} | more


def net(handle, name, kind, block, **more):
    return {"handle": handle, "netName": name, "type": kind, "range": block, "registrationDate": DATE} | more


def write(name, world):
    lines = []
    for key, value in world.items():
        if isinstance(value, list):
            records = ",\n".join("  " + json.dumps(record) for record in value)
            lines.append(f'"{key}": [\n{records}\n]' if value else f'"{key}": []')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    (HERE / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def small_isp():
    """A provider, a downstream with a key of its own, a key that was deactivated."""
    zone = {"name": "100.51.198.in-addr.arpa.", "nameservers": [{"name": "NS1.EXAMPLE.NET", "ttl": 86400}]}
    write(
        "small-isp",
        {
            "id": "small-isp",
            "keys": [
                {"key": "API-0000-0000-5A1D-CAFE", "orgs": ["EXAMPLE-1"]},
                {"key": "API-0000-0000-5A1D-D0D0", "orgs": ["BIRCH-3"], "whoWas": False},
                {"key": "API-0000-0000-5A1D-DEAD", "orgs": ["EXAMPLE-1"], "active": False},
            ],
            "pocs": pocs("EXAMPLE-1") + pocs("BIRCH-3") + pocs("SHUT-9"),
            "orgs": [
                org("EXAMPLE-1", "Example Fiber Inc"),
                org("BIRCH-3", "Birch Networks LLC"),
                org("SHUT-9", "Shut Doors Inc", acceptReassignments=False),
            ],
            "nets": [
                net("NET-198-51-100-0-1", "EXAMPLE-FIBER", "DA", "198.51.100.0/24", orgHandle="EXAMPLE-1"),
                net("NET-203-0-113-0-0", "EXAMPLE-FIBER-2", "DA", "203.0.113.0/24", orgHandle="EXAMPLE-1"),
                net("NET6-2001-DB8-1", "EXAMPLE-FIBER-V6", "DA", "2001:db8::/32", orgHandle="EXAMPLE-1"),
                net("NET-203-0-113-0-1", "BIRCH", "A", "203.0.113.0/25", orgHandle="BIRCH-3"),
                net("NET-203-0-113-0-2", "BIRCH-LAB", "S", "203.0.113.0/28", customerHandle="C10000003"),
                net("NET-198-51-100-8-1", "MAPLE-DENTAL", "S", "198.51.100.8/29", customerHandle="C10000001",
                    comment=["NOC hours 8am to 6pm Eastern"]),
                net("NET-198-51-100-16-1", "PRIVATE-198-51-100-16-29", "S", "198.51.100.16/29",
                    customerHandle="C10000002"),
                net("NET-198-51-100-40-1", "ODD-RANGE", "S", "198.51.100.40 - 198.51.100.58", orgHandle="BIRCH-3"),
            ],
            "customers": [
                customer(10000001, "Maple Street Dental LLC", "418 Maple Street"),
                customer(10000002, "Jane Doe", "7 Quiet Lane", private=True),
                customer(10000003, "Birch Lab", "1 Birch Road"),
                customer(10000004, "Gone Since 2019 Inc", "9 Nowhere Street"),
            ],
            "delegations": [zone],
        },
    )


def years_of_dirt():
    """What a registry looks like after years of people: spellings, orphans, splits, strays."""
    draw = random.Random(20)
    nets, customers = [], []
    parents = ["198.18.0.0/16", "198.19.0.0/18", "2001:db8:1000::/36"]
    for parent in map(ipaddress.ip_network, parents):
        stem = "-".join(str(parent.network_address).split("."))
        handle = f"NET-{stem}-1" if parent.version == 4 else "NET6-2001-DB8-1000-1"
        nets.append(net(handle, f"EXAMPLE-{len(nets)}", "DA", str(parent), orgHandle="EXAMPLE-1"))
    words = ["Maple", "Oak", "Cedar", "Elm", "Birch", "Aspen", "Pine", "Willow"]
    trades = ["Dental", "Bakery", "Logistics", "Law Office", "Clinic", "Hardware", "School", "Farm"]
    endings = ["LLC", "L.L.C.", "Inc", "INC.", "Incorporated", "", "Co"]
    for index in range(300):
        block = next_block(parents, index, draw)
        number = 10000001 + len(customers)
        name = " ".join(filter(None, [draw.choice(words), draw.choice(trades), draw.choice(endings)]))
        street = f"{draw.randint(1, 999)} {draw.choice(words)} {draw.choice(['St', 'St.', 'Street', 'ST'])}"
        private = draw.random() < 0.1
        customers.append(customer(number, name, street, private))
        label = name.upper().replace(".", "").replace(" ", "-") if draw.random() < 0.7 else f"CUST-{index}"
        stem = str(block.network_address).replace(".", "-").replace("::", "").replace(":", "-").upper()
        prefix = "NET" if block.version == 4 else "NET6"
        comment = ["migrated 2016"] if draw.random() < 0.2 else []
        handle = f"{prefix}-{stem}-1"
        if any(held["handle"] == handle for held in nets):
            handle = f"{prefix}-{stem}-2"
        nets.append(net(handle, label[:50], "S", str(block), customerHandle=f"C{number:08}",
                        comment=comment))
    for index in range(25):  # Customers that outlived their nets.
        customers.append(customer(10000001 + len(customers), f"Orphan {index}", "1 Past Street"))
    write(
        "years-of-dirt",
        {
            "id": "years-of-dirt",
            "keys": ["API-0000-0000-5A1D-CAFE"],
            "pocs": pocs("EXAMPLE-1"),
            "orgs": [org("EXAMPLE-1", "Example Fiber Inc")],
            "nets": nets,
            "customers": customers,
        },
    )


def next_block(parents, index, draw):
    """Every 16th address block of its parent, of a random size."""
    if index % 10 == 9:
        base = int(ipaddress.ip_network(parents[2]).network_address)
        return ipaddress.ip_network((base + (index << 80), 48))
    base = int(ipaddress.ip_network(parents[index % 2]).network_address)
    return ipaddress.ip_network((base + (index // 2) * 64, draw.choice([26, 27, 28, 29, 29, 30])))


small_isp()
years_of_dirt()
