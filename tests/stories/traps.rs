//! The traps of exports, one by one: what each format does that a reader of plain CSV would get
//! wrong. The samples beside the format files show the formats whole.

use crate::desk::{Desk, code};

/// An export, and what becomes of it.
struct Trap {
    what: &'static str,
    file: &'static str,
    text: &'static str,
    args: &'static [&'static str],
    /// `BLOCK CUSTOMER-OR-ORG` of each row.
    rows: &'static [&'static str],
    /// `LINE: SEVERITY[RULE]` of what stderr says.
    said: &'static [&'static str],
}

const TRAP: Trap = Trap { what: "", file: "export.csv", text: "", args: &[], rows: &[], said: &[] };

const NETBOX: [Trap; 9] = [
    Trap {
        what: "semicolons, by user preference",
        text: "ID;Prefix;Status;Tenant;Tags\r\n1;198.51.100.0/29;Active;Maple, Inc.;\"arin,swip\"\r\n",
        rows: &["198.51.100.0/29 Maple, Inc."],
        ..TRAP
    },
    Trap {
        what: "pipes, by user preference",
        text: "ID|Prefix|Status|Tenant|Tags\r\n1|198.51.100.0/29|Active|Maple|arin,swip\r\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "tabs, by user preference",
        text: "ID\tPrefix\tStatus\tTenant\r\n1\t198.51.100.0/29\tActive\tMaple\r\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "columns in another order",
        text: "Tenant,Role,Status,Prefix\nMaple,Customer,Active,198.51.100.0/29\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "depth marks before a prefix, and a prefix lost to its mark (issue 9407)",
        text: "ID,Prefix,Status,Tenant\n1,• • 198.51.100.0/29,Active,Maple\n2,•,Active,Cedar\n",
        rows: &["198.51.100.0/29 Maple"],
        said: &["3: error[bad-prefix]"],
        ..TRAP
    },
    Trap {
        what: "a lost prefix that stands whole beside",
        text: "ID,Prefix,Prefix (Flat),Status,Tenant\n1,•,198.51.100.0/29,Active,Maple\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "containers, reserved and deprecated are never registered, a site's own status protects",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/24,Container,Maple\n2,198.51.100.0/29,Reserved,Maple\n3,198.51.100.8/29,Deprecated,Maple\n4,198.51.100.16/29,Quarantine,Maple\n",
        said: &["1: warning[unknown-status]"],
        ..TRAP
    },
    Trap {
        what: "the import form: lower case, cf_",
        text: "prefix,vrf,tenant,status,role,scope_type,cf_customer_street,cf_customer_city\n198.51.100.0/29,,Maple,active,customer,,1 Main St,Reston\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "the same column twice",
        text: "ID,Prefix,Status,Tenant,Tenant\n1,198.51.100.0/29,Active,Maple,Cedar\n",
        said: &["1: error[duplicate-column]"],
        ..TRAP
    },
];

const VALUES: [Trap; 11] = [
    Trap {
        what: "NULL and NoObject are empty, a comment and a mark stand before the header",
        text: "\u{feff}# nautobot_import_version=3; model=ipam.prefix\nprefix,type,status__name,tenant__name,org_handle\n198.51.100.0/29,network,Active,Maple,NULL\n198.51.100.8/29,network,Active,NoObject,NULL\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "folders and roots of phpIPAM, NA and / are empty",
        text: "Section,Subnet,Description,Master Subnet,VLAN,Customer\nA,Pool (folder),,/,NA,\nA,198.51.100.0/29,x,198.51.100.0/24,NA,Maple\nA,198.51.100.8/29,x,/,NA,NA\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "its import sheet: address and bits apart, semicolons",
        text: "Section;Subnet;Mask;Description;VLAN;Domain;VRF;Customer\nA;198.51.100.0;29;x;;;;Maple\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "headers of Infoblox repeat and vary in case, masks are dotted",
        text: "HEADER-network,address*,netmask*,network_view,EA-Customer\nNetwork,198.51.100.0,255.255.255.248,default,Maple\nheader-network,address*,netmask*,network_view,disabled,EA-Customer\nnetwork,198.51.100.8,255.255.255.248,default,FALSE,Cedar\nnetwork,198.51.100.16,255.255.255.248,default,TRUE,Gone\nheader-ipv6network,address*,cidr*,network_view,EA-Customer\nipv6network,2001:DB8::,48,default,Pine\n",
        rows: &["198.51.100.0/29 Maple", "198.51.100.8/29 Cedar", "2001:db8::/48 Pine"],
        ..TRAP
    },
    Trap {
        what: "wildcard masks, and masks that are none",
        file: "net.csv",
        text: "network_address,network_mask,customer\n198.51.100.0,0.0.0.7,Maple\n198.51.100.8,255.255.255.248,Cedar\n198.51.100.16,255.0.255.0,Pine\n",
        args: &["--input-format", "micetro"],
        rows: &["198.51.100.0/29 Maple", "198.51.100.8/29 Cedar"],
        said: &["4: error[bad-prefix]"],
    },
    Trap {
        what: "ranges of BlueCat with and without blanks, upper case",
        file: "export.jsonl",
        text: "{\"type\": \"IPv4Network\", \"range\": \"198.51.100.8-198.51.100.19\", \"userDefinedFields\": {\"customer\": \"Maple\"}}\n{\"type\": \"IPv4Network\", \"range\": \"198.51.100.0 - 198.51.100.7\", \"userDefinedFields\": {\"customer\": \"Cedar\"}}\n{\"type\": \"IPv6Network\", \"range\": \"2001:DB8:0:4000::/56\", \"userDefinedFields\": {\"customer\": \"Pine\"}}\n",
        args: &["--input-format", "bluecat"],
        rows: &[
            "198.51.100.8-198.51.100.19 Maple",
            "198.51.100.0/29 Cedar",
            "2001:db8:0:4000::/56 Pine",
        ],
        ..TRAP
    },
    Trap {
        what: "hexadecimal starts and sizes of EfficientIP, and a size that contradicts the end",
        text: "site_name,subnet_name,start_ip_addr,end_hostaddr,subnet_size,is_terminal,subnet_class_parameters,row_enabled\na,b,c6336400,,8,1,customer_name=Maple%20%26%20Sons,1\na,b,c6336408,198.51.100.16,8,1,customer_name=Cedar,1\n",
        rows: &["198.51.100.0/29 Maple & Sons"],
        said: &["3: error[bad-range]"],
        ..TRAP
    },
    Trap {
        what: "an empty custom value of GestioIP makes a ragged row",
        text: "network,BM,description,site,category,comment,is rootnet,customer\n198.51.100.0,29,x,a,b,c,,Maple\n198.51.100.8,29,x,a,b,c,,,Cedar\n198.51.100.16,29,x,a,b,c,,Pine\n",
        rows: &["198.51.100.0/29 Maple", "198.51.100.16/29 Pine"],
        said: &["3: error[ragged-row]"],
        ..TRAP
    },
    Trap {
        what: "the empty words of Micetro",
        text: "Range,isContainer,locked,Customer\n198.51.100.0/29,0,0,Maple\n198.51.100.8/29,0,0,$null\n198.51.100.16/29,0,0,<empty>\n198.51.100.24/29,0,0,%clear\n",
        rows: &["198.51.100.0/29 Maple"],
        ..TRAP
    },
    Trap {
        what: "a preamble of SolarWinds, lines counted through it",
        text: "IP Address Manager export\n\nDate: 2026-11-20\n\nSubnetId,ParentId,Address,AddressMask,CIDR,FriendlyName,Customer\n11,10,198.51.100.0,255.255.255.248,29,MSB,Maple\n12,10,198.51.100.12,255.255.255.248,29,X,Cedar\n",
        rows: &["198.51.100.0/29 Maple"],
        said: &["7: error[host-bits]"],
        ..TRAP
    },
    Trap {
        what: "a plain header repeated in the middle",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,Maple\nID,Prefix,Status,Tenant\n2,198.51.100.8/29,Active,Cedar\n",
        rows: &["198.51.100.0/29 Maple", "198.51.100.8/29 Cedar"],
        ..TRAP
    },
];

const DAMAGE: [Trap; 7] = [
    Trap {
        what: "a fourth line of an address is not lost in silence; templates repeat their field 07",
        file: "swip.txt",
        text: "Template: ARIN-REASSIGN-SIMPLE-5.3\n00. API Key: API-1234-5678-9ABC-DEF0\n01. Registration Action: N\n02. Network Name: A\n03. IP Address and Prefix or Range: 198.51.100.0 - 198.51.100.7\n06. Customer Name: Maple\n07. Customer Address: 1 A\n07. Customer Address: 2 B\n07. Customer Address: 3 C\n08. Customer City: Reston\nEND OF TEMPLATE\nTemplate: ARIN-REASSIGN-SIMPLE-5.3\n01. Registration Action: N\n03. IP Address and Prefix or Range: 198.51.100.8/29\n06. Customer Name: Cedar\n07. Customer Address: 1 A\n07. Customer Address: 2 B\n07. Customer Address: 3 C\n07. Customer Address: 4 D\nEND OF TEMPLATE\nTemplate: ARIN-REASSIGN-SIMPLE-5.3\n01. Registration Action: R\n03. IP Address and Prefix or Range: 198.51.100.16/29\nEND OF TEMPLATE\n",
        rows: &["198.51.100.0/29 Maple"],
        said: &["12: error[field-too-long]"],
        ..TRAP
    },
    Trap {
        what: "leading zeros are refused, never read as octal",
        text: "ID,Prefix,Status,Tenant\n1,198.051.100.0/29,Active,Maple\n",
        said: &["2: error[bad-prefix]"],
        ..TRAP
    },
    Trap {
        what: "what Excel made of addresses is named",
        text: "CIDR;Customer;City\n1.92E+08;Maple;Reston\n02-Jan;Cedar;Reston\n192,0,2,0;Pine;Reston\n",
        said: &["2: error[bad-prefix]", "3: error[bad-prefix]", "4: error[bad-prefix]"],
        ..TRAP
    },
    Trap {
        what: "accents are refused with the text that would be taken",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,École\n",
        said: &["2: error[non-ascii]", "for example `Ecole`"],
        ..TRAP
    },
    Trap {
        what: "accents are turned if that is asked for, and shown",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,École\n",
        args: &["--transliterate"],
        rows: &["198.51.100.0/29 Ecole"],
        said: &["2: note[transliterated]", "`École` becomes `Ecole`"],
        ..TRAP
    },
    Trap {
        what: "a half export",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,Maple\n2,198.51",
        rows: &["198.51.100.0/29 Maple"],
        said: &["3: error[ragged-row]"],
        ..TRAP
    },
    Trap {
        what: "a net that has no customer is left out, not refused",
        text: "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,—\n2,198.51.100.8/29,Active,Maple\n",
        rows: &["198.51.100.8/29 Maple"],
        ..TRAP
    },
];

#[test]
fn every_trap_is_seen() {
    let desk = Desk::new();
    for trap in NETBOX.iter().chain(&VALUES).chain(&DAMAGE) {
        std::fs::write(desk.path(trap.file), trap.text).unwrap();
        let output = desk.swip(&[&["convert", trap.file], trap.args].concat());
        let (rows, said) = (rows(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(rows, trap.rows, "{}: {said}", trap.what);
        for part in trap.said {
            assert!(said.contains(part), "{}: {part:?} is not in {said}", trap.what);
        }
        let refused = trap.said.iter().any(|part| part.contains("error["));
        assert_eq!(code(&output), if refused { 3 } else { 0 }, "{}: {said}", trap.what);
        assert_eq!(said.matches("error[").count(), errors(trap), "{}: {said}", trap.what);
    }
}

fn errors(trap: &Trap) -> usize {
    trap.said.iter().filter(|part| part.contains("error[")).count()
}

/// Block and recipient of each row of a canonical CSV.
fn rows(csv: &[u8]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let cell = |name: &str| record.get(header.iter().position(|h| h == name).unwrap()).unwrap();
        let ends = || format!("{}-{}", cell("start"), cell("end"));
        let block = if cell("prefix").is_empty() { ends() } else { cell("prefix").to_owned() };
        format!("{block} {}{}", cell("customer_name"), cell("org_handle"))
    });
    rows.collect()
}

#[test]
fn localised_headers_are_read_by_a_mapping() {
    let desk = Desk::new();
    // phpIPAM in German, GestioIP in Spanish: the format is named, its columns too.
    for (format, export, mapping) in [
        (
            "phpipam",
            "Bereich,Subnetz,Beschreibung,Übergeordnet,Kunde\nA,198.51.100.0/29,x,/,Maple\n",
            "[columns]\nprefix = \"Subnetz\"\ncustomer_name = \"Kunde\"\n",
        ),
        (
            "gestioip",
            "red,MB,descripción,sitio,cliente\n198.51.100.0,29,x,a,Maple\n",
            "[columns]\naddress = \"red\"\nmask = \"MB\"\ncustomer_name = \"cliente\"\n",
        ),
    ] {
        std::fs::write(desk.path("export.csv"), export).unwrap();
        std::fs::write(desk.path("m.toml"), mapping).unwrap();
        let args = ["convert", "export.csv", "--input-format", format, "--mapping", "m.toml"];
        let output = desk.swip(&args);
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(rows(&output.stdout), ["198.51.100.0/29 Maple"]);
    }
}

#[test]
fn other_encodings_are_named_and_taken_only_when_they_are_said() {
    let desk = Desk::new();
    let text = "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,Caf\u{e9}\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let wide: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, named, name) in [(latin, "Latin-1", "latin-1"), (wide, "UTF-16", "utf-16")] {
        std::fs::write(desk.path("export.csv"), bytes).unwrap();
        let refused = desk.swip(&["convert", "export.csv"]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(code(&refused), 3);
        assert!(said.contains("error[bad-encoding]") && said.contains(named), "{said}");
        let taken = desk.swip(&["convert", "export.csv", "--encoding", name, "--transliterate"]);
        assert_eq!(rows(&taken.stdout), ["198.51.100.0/29 Cafe"]);
    }
}

#[test]
fn standard_input_is_recognised_like_a_file() {
    use std::io::Write as _;
    let desk = Desk::new();
    let text =
        "ID,Prefix,Status,Tenant\n1,198.51.100.0/29,Active,Maple\n2,198.51.100.9/29,Active,Cedar\n";
    let mut command = desk.command(&["check", "-", "--format", "json"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["rows"], 2);
    let findings = json["findings"].as_array().unwrap();
    let host_bits = findings.iter().find(|f| f["rule"] == "host-bits").unwrap();
    assert_eq!((&host_bits["file"], &host_bits["line"]), (&"-".into(), &3.into()));
}
