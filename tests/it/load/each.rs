//! What is told of each broker and of each link by itself, against what is told of all together.

use arigatoni::arigatoni::Config;
use arigatoni::parameters::Parameters;
use arigatoni::simulation::network::{Conditions, Fidelity};
use serde_json::json;

use crate::support::{export, metric, run, t100};

/// What all brokers have together is what they have one by one.
#[test]
fn each_broker_is_told_of_by_itself() {
    let with = |brokers: &serde_json::Value| {
        let parameters = json!({
            "brokers": brokers,
            "gcus_per_broker": 2,
            "services": {"density": 0.05},
            "requests": {"count": 300, "rate_per_s": 60, "deadline_ms": 5000},
        });
        let config = Config::read(&parameters, "").unwrap();
        run(t100(), &config, 7, Fidelity::Path)
    };
    let law = json!({"exponential": {"mean_s": 0.01}});
    let busy = with(&json!({"service_s": law, "queue": 3}));
    let text = export(t100(), &busy, "brokers");
    let (header, rows) = text.split_once('\n').unwrap();
    let own = "wait_ms_mean,wait_ms_max,drops,drop_ratio,busy";
    assert_eq!(header, format!("gbu,depth,requests_handled,messages,{own}"));
    let rows: Vec<Vec<f64>> = rows
        .lines()
        .map(|row| row.split(',').map(|it| it.parse().unwrap_or(0.0)).collect())
        .collect();
    assert_eq!(rows.len(), 100);
    let greatest = |column: usize| rows.iter().map(|row| row[column]).fold(0.0, f64::max);
    let drops: f64 = rows.iter().map(|row| row[6]).sum();
    let metrics = ["broker_wait_ms_max", "broker_busy_max", "broker_drops"];
    assert_eq!(
        [greatest(5), greatest(8), drops].map(Some),
        metrics.map(|name| metric(&busy, name))
    );
    assert!(drops > 0.0 && greatest(8) > 0.1);
    // No mean is above the greatest.
    assert!(rows.iter().all(|row| row[4] <= row[5]));
    let idle = with(&json!({}));
    let text = export(t100(), &idle, "brokers");
    assert!(text.starts_with("gbu,depth,requests_handled,messages\n"));
}

/// The same of the links, each in both directions. Requests wait for links of 0.1 Mbit/s, and some find no room.
#[test]
fn each_link_is_told_of_by_itself() {
    let parameters = json!({
        "gcus_per_broker": 2,
        "services": {"density": 0.05},
        "search": "root-first",
        "requests": {"count": 300, "rate_per_s": 60, "deadline_ms": 5000},
    });
    let config = Config::read(&parameters, "").unwrap();
    let wired = |conditions| {
        let conditions: Conditions = serde_json::from_value(conditions).unwrap();
        run(t100(), &config, 7, conditions)
    };
    let busy = wired(json!({"fidelity": "hop", "bandwidth_mbps": 0.1, "queue_packets": 5}));
    let text = export(t100(), &busy, "links");
    let (header, rows) = text.split_once('\n').unwrap();
    let own = "wait_ms_mean,wait_ms_max,drops,drop_ratio,busy";
    assert_eq!(header, format!("from,to,packets,{own}"));
    let rows: Vec<Vec<Option<f64>>> = rows
        .lines()
        .map(|row| row.split(',').map(|it| it.parse().ok()).collect())
        .collect();
    let links = t100().routes.simple_links().count();
    assert_eq!(rows.len(), 2 * links);
    let column = |column: usize| rows.iter().filter_map(move |row| row[column]);
    let greatest = |place: usize| column(place).fold(0.0, f64::max);
    let packets: f64 = column(2).sum();
    let drops: f64 = column(5).sum();
    let waited: f64 = rows.iter().filter_map(|row| Some(row[2]? * row[3]?)).sum();
    let told = |name| metric(&busy, name).unwrap();
    assert_eq!(
        [greatest(4), greatest(7), drops].map(Some),
        ["link_wait_ms_max", "link_busy_max", "link_drops"].map(|name| metric(&busy, name))
    );
    assert!((drops / (packets + drops) - told("link_drop_ratio")).abs() < 1e-9);
    assert!((waited / packets - told("link_wait_ms_mean")).abs() < 1e-6);
    assert!(drops > 0.0 && greatest(7) > 0.1);
    // Each pair of neighbours, once there and once back.
    for pair in rows.chunks(2) {
        assert_eq!(pair[0][..2], [pair[1][1], pair[1][0]]);
    }
    // One over which nothing went has no wait.
    assert!(
        rows.iter()
            .all(|row| row[3].is_some() == (row[2] > Some(0.0)))
    );
    let free = wired(json!({"fidelity": "hop"}));
    assert_eq!(
        export(t100(), &free, "links"),
        format!("from,to,packets,{own}\n")
    );
}
