use crate::{green, said};

#[test]
fn a_process_that_is_not_there_and_one_without_libgreen() {
    let (status, _, err) = said(&mut green(&["ps", "999999999"]));
    assert_eq!((status, err.as_str()), (1, "green: there is no process 999999999\n"));
    let me = std::process::id().to_string();
    let (status, _, err) = said(&mut green(&["ps", &me]));
    assert!(status == 1 && err.contains("doesn't run under libgreen"), "{err}");
    let (status, _, err) = said(&mut green(&["ps", "me"]));
    assert!(status == 2 && err.contains("me"), "{err}");
}
