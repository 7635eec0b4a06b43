//! Findings of exports stand where the source has them, whatever its form: file, row, line, column,
//! and the source's own line quoted.

use serde_json::Value;

use crate::desk::{Desk, code};

/// `FILE ROW LINE COLUMN RULE` of each error, and the findings as text.
fn checked(desk: &Desk, input: &str, args: &[&str]) -> (Vec<String>, String) {
    let parents = ["--parents", "parents.csv"];
    let json = desk.swip(&[&["check", input, "--format", "json"], &parents[..], args].concat());
    let value: Value = serde_json::from_slice(&json.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&json.stderr)));
    let errors = value["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = errors.map(|f| {
        let (file, column, rule) = (text(&f["file"]), text(&f["column"]), text(&f["rule"]));
        format!("{file} {} {} {column} {rule}", f["row"], f["line"])
    });
    let shown = desk.swip(&[&["check", input], &parents[..], args].concat());
    (errors.collect(), String::from_utf8_lossy(&shown.stdout).into_owned())
}

/// A text, after a check that it has all the parts.
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

const ADDRESS: &str = "Customer Street,Customer City,Customer State,Customer Zip,Customer Country";

#[test]
fn of_a_table() {
    let desk = Desk::new();
    let export = format!(
        "IP Address Manager export\n\nSubnetId,ParentId,Address,AddressMask,CIDR,Comments,Customer,{ADDRESS}\n1,0,198.51.100.0,255.255.255.248,29,\"two\nlines\",Maple,1 Main St,Reston,VA,20190,US\n2,0,198.51.100.8,255.255.255.248,29,x,Cedar,2 Main St,Reston,XX,20190,US\n"
    );
    std::fs::write(desk.path("export.csv"), &export).unwrap();
    let (errors, text) = checked(&desk, "export.csv", &[]);
    assert_eq!(errors, ["export.csv 2 6 Customer State state"]);
    has(
        &text,
        &["--> export.csv:6:", "2,0,198.51.100.8,255.255.255.248,29,x,Cedar", "^^ Customer State"],
    );

    // The same in another encoding: offsets are those of the text.
    let wide: Vec<u8> =
        [0xfeff].into_iter().chain(export.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(desk.path("wide.csv"), wide).unwrap();
    let (errors, text) = checked(&desk, "wide.csv", &["--encoding", "utf-16"]);
    assert_eq!(errors, ["wide.csv 2 6 Customer State state"]);
    has(&text, &["--> wide.csv:6:", "^^ Customer State"]);
}

#[test]
fn of_rows_with_kinds_and_an_overlap() {
    let desk = Desk::new();
    let export = format!(
        "header-network,address*,netmask*,network_view,EA-Customer,{}\nnetwork,198.51.100.0,255.255.255.248,d,Maple,1 Main St,Reston,VA,20190,US\nnetwork,198.51.100.9,255.255.255.248,d,Cedar,1 Main St,Reston,VA,20190,US\nnetwork,198.51.100.0,255.255.255.0,d,Pine,1 Main St,Reston,VA,20190,US\n",
        ADDRESS.replace("Customer", "EA-Customer")
    );
    std::fs::write(desk.path("export.csv"), export).unwrap();
    let (errors, text) = checked(&desk, "export.csv", &["--allow-whole-parent"]);
    assert_eq!(errors, ["export.csv 2 3 address* host-bits", "export.csv 3 4 address* overlap"]);
    has(&text, &["network,198.51.100.9,255", "^^^^^^^^^^^^ address*", "--> export.csv:4:"]);
}

#[test]
fn of_sheets() {
    let desk = Desk::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let header = ["CIDR", "Customer", "Street", "City", "State", "ZIP", "Country"];
    let sheets = [
        ("Chicago", "198.51.100.0/29", "IL", "60302"),
        ("Reston", "198.51.100.8/29", "XX", "20190"),
        ("Boston", "198.51.100.16/29", "MA", "2151"),
    ];
    for (name, block, state, zip) in sheets {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(2, 0, header).unwrap();
        sheet.write_row(4, 0, [block, "Maple", "1 Main St", name, state, zip, "US"]).unwrap();
    }
    book.save(desk.path("book.xlsx")).unwrap();
    let (errors, text) = checked(&desk, "book.xlsx", &[]);
    assert_eq!(
        errors,
        ["book.xlsx!Reston 2 5 State state", "book.xlsx!Boston 3 5 ZIP postal-code"]
    );
    has(
        &text,
        &[
            "--> book.xlsx!Reston:5:",
            "198.51.100.8/29 | Maple | 1 Main St | Reston | XX | 20190 | US",
            "^^ State",
            "--> book.xlsx!Boston:5:",
        ],
    );
    let submit = ["submit", "book.xlsx", "--parents", "parents.csv", "--skip-invalid"];
    assert_eq!(code(&desk.swip(&submit)), 3);
    let report = desk.json("book.xlsx.swip-report/report.json");
    let places: Vec<String> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["file"].as_str().unwrap(),
                row["line"],
                row["status"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            "book.xlsx!Chicago 5 registered",
            "book.xlsx!Reston 5 invalid",
            "book.xlsx!Boston 5 invalid"
        ]
    );
}

#[test]
fn of_json() {
    let desk = Desk::new();
    let prefix = |block: &str, state: &str| {
        format!(
            "  {{\n    \"prefix\": \"{block}\",\n    \"status\": {{\"value\": \"active\", \"label\": \"Active\"}},\n    \"tenant\": {{\"name\": \"Maple\"}},\n    \"custom_fields\": {{\n      \"customer_street\": \"1 Main St\", \"customer_city\": \"Reston\",\n      \"customer_state\": \"{state}\", \"customer_zip\": \"20190\", \"customer_country\": \"US\"\n    }}\n  }}"
        )
    };
    let list = [prefix("198.51.100.0/29", "VA"), prefix("198.51.100.8/29", "XX")].join(",\n");
    let page = format!("{{\"count\": 2, \"next\": null, \"results\": [\n{list}\n]}}\n");
    std::fs::write(desk.path("page.json"), page).unwrap();
    let (errors, text) = checked(&desk, "page.json", &[]);
    assert_eq!(errors, ["page.json 2 11 custom_fields.customer_state state"]);
    has(
        &text,
        &["--> page.json:17:", "\"customer_state\": \"XX\"", "^^^^ custom_fields.customer_state"],
    );
}

#[test]
fn of_json_pages_that_are_not_whole() {
    let desk = Desk::new();
    for (page, said) in [
        (
            "{\"count\": 2, \"next\": \"https://netbox.example/?offset=1\", \"results\": [{\"prefix\": \"198.51.100.0/29\", \"status\": {\"value\": \"active\", \"label\": \"Active\"}}]}",
            "one page of several",
        ),
        (
            "{\"count\": 2, \"next\": null, \"results\": [{\"prefix\": \"198.51.100.0/29\", \"status\": {\"value\": \"active\", \"label\": \"Active\"}}]}",
            "`count` says 2 objects, but the list holds 1",
        ),
    ] {
        std::fs::write(desk.path("page.json"), page).unwrap();
        let (errors, text) = checked(&desk, "page.json", &[]);
        assert_eq!(errors, ["page.json 0 1  ragged-row"]);
        has(&text, &[said]);
        assert_eq!(code(&desk.swip(&["convert", "page.json"])), 3);
    }
}

#[test]
fn of_records_and_of_the_recipients_beside() {
    let desk = Desk::new();
    std::fs::write(
        desk.path("network.txt"),
        "ID: NETBLK-A\nAuth-Area: 198.51.100.0/24\nNetwork-Name: A\nIP-Network: 198.51.100.0/29\nOrganization: MAPLE\n---\nID: NETBLK-B\nAuth-Area: 198.51.100.0/24\nNetwork-Name: B\nIP-Network: 198.51.100.9/29\nOrganization: MAPLE\n",
    )
    .unwrap();
    std::fs::write(
        desk.path("org.txt"),
        "ID: MAPLE\nOrg-Name: Maple\nStreet-Address: 1 Main St\nCity: Reston\nState: XX\nPostal-Code: 20190\nCountry-Code: US\n",
    )
    .unwrap();
    let (errors, text) = checked(&desk, "network.txt", &["--recipients", "org.txt"]);
    assert_eq!(
        errors,
        [
            "network.txt 1 1 state state",
            "network.txt 2 7 IP-Network host-bits",
            "network.txt 2 7 state state"
        ]
    );
    has(&text, &["--> network.txt:10:", "^^^^^^^^^^^^^^^ IP-Network", "(taken from org.txt:1)"]);
}
