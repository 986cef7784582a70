//! Members that have a default only without another one.

use super::*;

/// What has its default only without another member gives way to that one, on an axis and in an assignment. What somebody
/// has chosen does not.
#[test]
fn a_default_gives_way_to_the_member_that_an_axis_gives() {
    let parts = json!([{"service": 3, "instances": 2}]);
    let axes = json!({
        "/system/*/requests/all": [null, parts],
        "/system/*/requests/interarrival": [null, 2],
    });
    let requests = |scenario: &Scenario, index| {
        let point = scenario.point(index).unwrap();
        arigatoni_of(&point.run).world.requests
    };
    let scenario = parse(&swept(&axes, &json!([]))).unwrap();
    let told = (0..4).map(|index| {
        let requests = requests(&scenario, index);
        let (instances, rate) = (requests.instances, requests.rate_per_s);
        (instances.is_some(), requests.all.is_some(), rate.is_some())
    });
    let expected = [
        (true, false, true),
        (true, false, false),
        (false, true, true),
        (false, true, false),
    ];
    assert!(told.eq(expected));
    let set = format!("/system/*/requests/all={parts}");
    let scenario = parse_with(&complete(), &[&set]).unwrap();
    assert_eq!(requests(&scenario, 0).instances, None);

    let systems = json!([{"arigatoni": {}}, {"central": {}}]);
    let axes = json!({"/system": systems, "/system/*/requests/all": [null, parts]});
    assert_eq!(
        parse(&swept(&axes, &json!([]))).unwrap().point_count(),
        4,
        "where the system is an axis as well"
    );

    let mut document = swept(&json!({"/system/*/requests/all": [parts]}), &json!([]));
    document["system"]["arigatoni"]["requests"]["instances"] = json!(2);
    let said = parse(&document).unwrap_err().to_string();
    assert!(said.contains("instances"), "{said}");
}
