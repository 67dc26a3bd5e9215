//! Lists in one text, joined by `;`: what the e-mail and telephone functions make of a cell with several.
//!
//! Not here: taking cells apart at other marks, which depends on what stands in them (`email`, `phone`).

/// The items of `list` that are not items of `others`, in order, each once; `None` if none is left.
pub fn without(list: &str, others: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for item in items(list) {
        if !kept.contains(&item) && !items(others).any(|it| it == item) {
            kept.push(item);
        }
    }
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The items of `list`, each once and where it stands first, with `separator` between them; `None` if there is none.
pub fn each_once(list: &str, separator: &str) -> Option<String> {
    if separator.is_empty() {
        return (!list.is_empty()).then(|| list.to_owned());
    }
    let mut kept: Vec<&str> = Vec::new();
    for item in list.split(separator).filter(|it| !it.trim().is_empty()) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    (!kept.is_empty()).then(|| kept.join(separator))
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(';').map(str::trim).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_fall_out_of_a_list() {
        let check = |list: &str, others: &str, expected: &str| {
            assert_eq!(without(list, others).unwrap_or_default(), expected, "{list:?} without {others:?}");
        };
        check("a;b;c", "b", "a;c");
        check("a; b ;;c;a", "", "a;b;c");
        check("a;b", "b; a", "");
        check("ab", "a", "ab");
        check("", "a", "");
        check(" ; ", "", "");
    }

    #[test]
    fn items_that_are_repeated_stand_once() {
        let check = |list: &str, separator: &str, expected: &str| {
            assert_eq!(each_once(list, separator).unwrap_or_default(), expected, "{list:?} by {separator:?}");
        };
        check("b;a;b;;a", ";", "b;a");
        check("a, b, a", ", ", "a, b");
        check("a\na\nb", "\n", "a\nb");
        check(" ;;", ";", "");
        check("aa", "", "aa");
        check("", "", "");
    }

    proptest! {
        #[test]
        fn once_is_enough(list in "[a-c;]{0,12}") {
            if let Some(once) = each_once(&list, ";") {
                prop_assert_eq!(each_once(&once, ";"), Some(once));
            }
        }

        #[test]
        fn what_is_left_stays(list in "[a-c; ]{0,12}", others in "[a-c; ]{0,6}") {
            if let Some(rest) = without(&list, &others) {
                prop_assert_eq!(without(&rest, &others), Some(rest.clone()));
                prop_assert!(items(&rest).all(|it| items(&list).any(|one| one == it)));
            }
        }
    }
}
