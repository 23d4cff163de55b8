//! Whether a domain may speak for the sender that a reader sees (DMARC's relaxed alignment, RFC 9989).

/// Whether a signature of `domain`, or an envelope sender there, counts for mail from `from`: they are the same, or one lies
/// in the other. Both are lower-case A-labels. Two sisters (`a.example.org` and `b.example.org`) would count as well, but what they have in
/// common may be a public suffix, and only a list of all of those could tell.
pub fn aligned(from: &str, domain: &str) -> bool {
    let lies_in = |inner: &str, outer: &str| {
        outer.contains('.')
            && inner
                .strip_suffix(outer)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    from == domain || lies_in(from, domain) || lies_in(domain, from)
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn k8_a_domain_speaks_for_itself_and_for_its_family() {
        for (from, domain, says) in [
            ("example.org", "example.org", true),
            ("news.example.org", "example.org", true),
            ("example.org", "mail.example.org", true),
            ("badexample.org", "example.org", false),
            ("example.org", "org", false),
            ("a.example.org", "b.example.org", false),
            ("example.net", "example.org", false),
        ] {
            assert_eq!(aligned(from, domain), says, "{from} {domain}");
        }
    }
}
