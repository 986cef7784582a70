use arigatoni::scenario::*;
#[test]
fn probe() {
    let base = r#"{"version": 1, "name": "x", "topology": {"file": "a.gb"}}"#;
    let s = Scenario::parse(base, "x.json", &[]).unwrap();
    println!("{:#}", s.effective());
    println!("{:#}", s.identity());
    println!("{:#}", schema());
    for (p, v) in [
        ("/version", "2"),
        ("/version", "\"1\""),
        ("/name", "\"../x\""),
        ("/name", "3"),
        ("/seed", "-1"),
        ("/seed", "18446744073709551615"),
        ("/seed", "18446744073709551616"),
        ("/seed", "1.5"),
        ("/replications", "0"),
        ("/topology", "\"a\""),
        ("/topology", "{}"),
        ("/topology", "{\"file\":1}"),
        ("/topology", "{\"fil\":\"1\"}"),
        ("/topology", "{\"file\":\"1\",\"x\":1}"),
        ("/network", "[]"),
        ("/network", "[\"path\",\"latency\",1]"),
        ("/network", "{\"fidelty\":1}"),
        ("/network/fidelity", "\"pth\""),
        ("/network/fidelity", "3"),
        ("/network/fidelity", "{\"path\":null}"),
        ("/system", "{\"opus\":{}}"),
        ("/system", "{\"arigatoni\":3}"),
        ("/system", "{\"arigatoni\":{\"serch\":1}}"),
        ("/system/*/gcus_per_broker", "0"),
        ("/system/*/gcus_per_broker", "\"a\""),
        ("/system/*/gcus_per_broker", "{\"poison\":1}"),
        ("/system/*/gcus_per_broker", "{\"poisson\":-1}"),
        ("/system/*/gcus_per_broker", "{}"),
        ("/system/*/access_latency_ms", "[1]"),
        ("/system/*/access_latency_ms", "[3,1]"),
        ("/system/*/access_latency_ms/0", "\"a\""),
        ("/system/*/slots", "0"),
        ("/system/*/disconnection/rate", "1.2"),
        ("/system/*/disconnection/rat", "1.2"),
        ("/disconnection/rate", "1.2"),
        ("/system/*/requests", "{\"count\":1000,\"rate_per_s\":1e-9}"),
        (
            "/sweep",
            "{\"axes\":{\"/system/*/disconnection/rate\":[0,1.2]}}",
        ),
        ("/sweep", "{\"axes\":{\"/system/*/disconnection/rate\":3}}"),
        ("/sweep", "{\"axes\":{\"/system/*/disconnection/rat\":[3]}}"),
        ("/sweep", "{\"axes\":{\"/name\":[3]}}"),
        (
            "/sweep",
            "{\"axes\":{\"/seed\":{\"from\":\"a\",\"to\":3,\"step\":1}}}",
        ),
        (
            "/sweep",
            "{\"axes\":{\"/seed\":{\"from\":1,\"to\":3,\"stp\":1}}}",
        ),
        (
            "/sweep",
            "{\"axes\":{\"/system/*/requests/count\":[1,1000],\"/system/*/requests/rate_per_s\":[1,1e-6]}}",
        ),
        ("/figures", "[{\"name\":\"a\"}]"),
        (
            "/figures",
            "[{\"name\":\"a\",\"metric\":\"m\",\"x\":\"/sed\"}]",
        ),
        ("/figures", "3"),
        ("/figures", "[3]"),
        ("/figures", "[[3]]"),
    ] {
        let mut doc: serde_json::Value = s.effective().clone();
        let q = p.replace('*', "arigatoni");
        if let Some(m) = doc.pointer_mut(&q) {
            *m = serde_json::from_str(v).unwrap_or_default();
            println!(
                "{p}={v}\n   F {}",
                Scenario::parse(&format!("{doc:#}"), "x.json", &[])
                    .map_or_else(|e| e.to_string(), |_| "OK".into())
            );
        }
        let a: Assignment = format!("{p}={v}").parse().unwrap();
        println!(
            "   S {}",
            Scenario::parse(base, "x.json", &[a]).map_or_else(|e| e.to_string(), |_| "OK".into())
        );
    }
    for t in [
        "",
        "{",
        "[]",
        "3",
        "{\"version\":1,\"name\":\"x\"}",
        "{\"a\":1,\n\"a\":2}",
        "{} x",
        "{\"a\":1e999}",
        "{\"a\":NaN}",
        "{\"version\": 1, \"nam\": 2}",
    ] {
        println!(
            "{t:?}\n   {}",
            Scenario::parse(t, "x.json", &[]).map_or_else(|e| e.to_string(), |_| "OK".into())
        );
    }
}
