//! The benchmark reads what it says: every model, every length, both pools.

use std::sync::Arc;

use teller_models::{
    Catalogue, FAST_VECTORS, NAMED_ENTITIES, SEMANTIC_VECTORS, SemanticEncoder, Silent, model_cost, pool_cost,
};

fn catalogue() -> Catalogue {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    for name in [FAST_VECTORS, SEMANTIC_VECTORS, NAMED_ENTITIES] {
        let found = catalogue.installed(name).or_else(|_| catalogue.fetch(name, &Silent));
        found.unwrap_or_else(|error| panic!("this test needs the model {name}: {error}"));
    }
    catalogue
}

#[test]
fn each_model_has_a_cost_for_each_length() {
    let catalogue = catalogue();
    for name in [FAST_VECTORS, SEMANTIC_VECTORS, NAMED_ENTITIES] {
        let cost = model_cost(&catalogue, name, 8).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(cost.model, name);
        assert!(cost.load_ms > 0.0 && cost.model_version.len() == 64, "{cost:?}");
        assert!(cost.short.mean_chars < cost.typical.mean_chars, "{cost:?}");
        assert!(cost.typical.mean_chars * 3.0 < cost.long.mean_chars, "{cost:?}");
        for length in [&cost.short, &cost.typical, &cost.long] {
            assert!(length.sentences >= 8 && length.cpu_ms_mean > 0.0, "{cost:?}");
            assert!(length.wall_ms_p50 <= length.wall_ms_p99, "{cost:?}");
        }
    }
    let error = model_cost(&catalogue, "no-such", 1).expect_err("unknown");
    assert_eq!(error.code(), "model_unknown");
}

#[test]
fn a_pool_is_read_busy_and_crowded() {
    let folder = catalogue().installed(SEMANTIC_VECTORS).expect("fetched");
    let encoder = Arc::new(SemanticEncoder::open(&folder).expect("opens"));
    let [steady, crowded] = pool_cost(&encoder, 1, 0).expect("threads");
    assert_eq!((steady.workers, crowded.workers), (1, 1));
    assert!(steady.callers < crowded.callers && steady.served_per_second > 0.0, "{steady:?}");
    assert_eq!(steady.degraded_share, 0.0, "who waits is served");
    assert!(steady.mean_batch >= 1.0 && crowded.degraded_share <= 1.0, "{crowded:?}");
}
