//! Parquet in a build without it: the error has a hint. `tests/columnar` reads Parquet back.

use crate::common::Place;

#[test]
fn without_the_feature_the_way_out_is_told() {
    let ran = Place::new().run(&["tables", "--format", "parquet", "-o", "answer.parquet"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("built without Parquet"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--features parquet"), "{}", ran.stderr);
}
