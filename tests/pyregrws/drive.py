"""Drives a practice registry with pyregrws, a Reg-RWS client that other people wrote and use.

Usage: drive.py URL KEY. Every answer goes through that client's own models, so that a practice
registry which only its own client understands is found out.
"""

import sys

from regrws.api.core import Api
from regrws.models import Error, Net
from regrws.models.net import NetBlock
from regrws.models.nested import IPVersionEnum, Iso31661, MultiLineElement

PARENT = "NET-10-0-0-0-1"
ORG = "EXAMPLE-1"


def step(what, answer, **expected):
    """One call; fails unless the answer is no error and has what is expected."""
    if answer is None or isinstance(answer, Error):
        sys.exit(f"{what}: {answer!r}")
    for name, value in expected.items():
        found = getattr(answer, name)
        if found != value:
            sys.exit(f"{what}: {name} is {found!r}, not {value!r}")
    print(f"ok  {what}")
    return answer


def net(start, length, kind, name, **recipient):
    block = NetBlock(type=kind, start_address=start, cidr_length=length)
    return Net(
        version=IPVersionEnum.IPV4,
        net_name=name,
        net_blocks=[block],
        parent_net_handle=PARENT,
        **recipient,
    )


def main(url, key):
    api = Api(base_url=url, api_key=key)
    poc = step("get poc", api.poc.from_handle(f"ADMIN-{ORG}"), handle=f"ADMIN-{ORG}")
    assert poc.emails and poc.phones
    step("get org", api.org.from_handle(ORG), handle=ORG)
    parent = step("get net", api.net.from_handle(PARENT), handle=PARENT)

    found = step("find_parent", api.net.find_parent("10.1.0.8", "10.1.0.15"), handle=PARENT)
    assert found.net_blocks[0].type == "DA"
    customer = step(
        "create customer",
        api.customer.create_for_net(
            parent,
            customer_name="Maple & Sons <Ltd>",
            iso3166_1=Iso31661(code2="US"),
            street_address=[MultiLineElement(number=0, line="1 Main St")],
            city="Reston",
            iso3166_2="VA",
            postal_code="20190",
        ),
        customer_name="Maple & Sons <Ltd>",
    )
    step("get customer", api.customer.from_handle(customer.handle), handle=customer.handle)

    wanted = net("10.1.0.8", 29, "S", "MAPLE-1", customer_handle=customer.handle)
    done = step("reassign", parent.reassign(wanted)).net
    assert done.customer_handle == customer.handle, done
    refused = parent.reassign(wanted)
    assert isinstance(refused, Error) and refused.code == "E_ENTITY_VALIDATION", refused
    print("ok  reassign again is refused as overlapping")
    step("find_net", api.net.find_net("10.1.0.8", "10.1.0.15"), handle=done.handle)
    wanted = net("10.4.0.0", 20, "A", "BRANCH", org_handle=ORG)
    branch = step("reallocate", parent.reallocate(wanted)).net

    done = step("get net", api.net.from_handle(done.handle), net_name="MAPLE-1")
    step("remove", done.remove())
    branch = step("get net", api.net.from_handle(branch.handle), org_handle=ORG)
    step("delete net", branch.delete())
    step("delete customer", customer.delete(), handle=customer.handle)
    gone = api.net.from_handle(done.handle)
    assert isinstance(gone, Error) and gone.code == "E_OBJECT_NOT_FOUND", gone
    print("ok  a removed net is gone")


main(*sys.argv[1:])
