//! What is wrong in requests of several parts.

use super::*;

/// The member, below the system, that the message is about; the members of `requests`, and of `services`.
const BAD_PARTS: &str = r#"
requests/all {"all": []} {}
requests/all/0 {"all": [{"service": 3}]} {}
requests/all/0 {"all": [{"instances": 3}]} {}
requests/all/0/constraint {"all": [{"service": 3, "constraint": "[A=1]", "instances": 3}]} {}
requests/all/0/constraint {"all": [{"constraint": "[A=1]", "instances": 3}]} {}
requests/all/0/service {"all": [{"service": 3, "instances": 3}]} {"constraints": {"attributes": {"A": null}, "offers": [{"constraint": "[A<5]"}]}}
requests/all/1/constraint {"all": [{"constraint": "[A=1]", "instances": 3}, {"constraint": "[A=1] & [B=2]", "instances": 3}]} {"constraints": {"attributes": {"A": null}, "offers": [{"constraint": "[A<5]"}]}}
requests/all/0/constraint {"all": [{"constraint": "[A<1] & [A>2]", "instances": 3}]} {"constraints": {"attributes": {"A": null}, "offers": [{"constraint": "[A<5]"}]}}
services/constraints/requests {} {"constraints": {"attributes": {"A": null}, "offers": [{"constraint": "[A<5]"}], "requests": []}}
requests/all/1/instances {"all": [{"service": 3, "instances": 1}, {"service": 3, "instances": 0}]} {}
requests/all/0/at_least {"all": [{"service": 3, "instances": 2, "at_least": 3}]} {}
requests/all/1/service {"all": [{"service": 7, "instances": 1}, {"service": 8, "instances": 1}]} {"count": 8}
requests/all/0/count {"all": [{"service": 3, "instances": 2, "count": 3}]} {}
requests/all/0 {"all": [3]} {}
requests/all {"all": {"service": 3, "instances": 2}} {}
requests/instances {"all": [{"service": 3, "instances": 1}], "instances": 1} {}
requests/at_least {"all": [{"service": 3, "instances": 2}], "at_least": 1} {}
requests/same {"same": true} {}
requests/all/1/instances {"same": true, "all": [{"service": 3, "instances": 4}, {"service": 5, "instances": 5}]} {"instances": 4}
services/popularity {"all": [{"service": 3, "instances": 2}]} {"popularity": {"zipf": 1}}
requests/all {"all": [{"service": 3, "instances": 4294967295}, {"service": 3, "instances": 1}]} {}
requests/count {"count": 2147483648, "rate_per_s": 1e5, "all": [{"service": 3, "instances": 1}, {"service": 4, "instances": 1}]} {}
"#;

#[test]
fn parts_that_cannot_be_are_refused() {
    let mut page = Page::new("Requests of several parts that cannot be");
    for row in BAD_PARTS.trim().lines() {
        let (pointer, members) = row.split_once(' ').unwrap();
        let mut members = serde_json::Deserializer::from_str(members).into_iter::<Value>();
        let [requests, services] = [(); 2].map(|()| members.next().unwrap().unwrap());
        let mut document = complete();
        document["system"] = json!({"arigatoni": {"requests": requests, "services": services}});
        let error = wrong(&document);
        assert_about(&error, &document, &format!("/system/arigatoni/{pointer}"));
        page.entry(&row.replace(" {}", ""), error);
    }
    page.check("scenario-parts");
}
