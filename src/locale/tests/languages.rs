//! The languages that came after Arabic and English: plural forms, letters and punctuation, dates, own names.

use super::*;

/// Each language, its direction, its own name, and the plural categories of CLDR that its counting texts distinguish.
///
/// French and Persian count zero as one, so both write zero out. Two forms are left out because the rules built in do not choose
/// them: "many" of French, which is for millions, and of Hebrew, which CLDR dropped.
const LANGUAGES: [(&str, &str, &str, &[&str]); 7] = [
    (
        "ar",
        "rtl",
        "العربية",
        &["few", "many", "one", "other", "two", "zero"],
    ),
    ("en", "ltr", "English", &["one", "other"]),
    ("fr", "ltr", "Français", &["one", "other"]),
    ("fa", "rtl", "فارسی", &["one", "other"]),
    ("he", "rtl", "עברית", &["one", "other", "two"]),
    ("ur", "rtl", "اردو", &["one", "other"]),
    ("tr", "ltr", "Türkçe", &["one", "other"]),
];

fn locale(language: &str) -> Locale {
    Locale::new(language, None).unwrap()
}

fn texts(language: &str) -> String {
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("locales")
            .join(language),
    )
    .concat()
}

#[test]
fn every_language_has_its_direction_and_its_own_name() {
    let known: Vec<&str> = LANGUAGES.iter().map(|language| language.0).collect();
    assert_eq!(known, SUPPORTED);
    for ((language, dir, name, _), (code, own)) in LANGUAGES.into_iter().zip(names()) {
        assert_eq!((code, own.as_str()), (language, name));
        assert_eq!(locale(language).dir(), dir, "{language}");
        let start = if dir == "rtl" { "right" } else { "left" };
        assert_eq!(locale(language).start(), start, "{language}");
    }
}

/// As previews of links name a locale: a language without a region in its formats has the usual one.
#[test]
fn every_language_has_a_usual_region() {
    let regions = SUPPORTED.map(|language| locale(language).with_region());
    insta::assert_snapshot!(regions.join(" "), @"ar_AR en_GB fr_FR fa_IR he_IL ur_PK tr_TR");
    let swiss = Locale::new("fr", Some("fr-CH")).unwrap();
    assert_eq!(swiss.with_region(), "fr_CH");
    let bare = Locale::new("fr", Some("fr-u-nu-latn")).unwrap();
    assert_eq!(bare.with_region(), "fr_FR");
}

/// A form too many is dead text, one too few is a wrong sentence.
#[test]
fn counting_texts_have_the_plural_categories_of_the_language() {
    let message = Regex::new(r"(?m)^([a-z-]+) = \{ \$n ->\n((?: .*\n)+)\}").unwrap();
    let form = Regex::new(r"\[([a-z]+)\]").unwrap();
    for (language, _, _, categories) in LANGUAGES {
        let texts = texts(language);
        let mut counting = 0;
        for found in message.captures_iter(&texts) {
            let mut forms: Vec<String> = form
                .captures_iter(&found[2])
                .map(|found| found[1].to_owned())
                .collect();
            forms.sort();
            assert_eq!(forms, categories, "{language}: {}", &found[1]);
            counting += 1;
        }
        assert_eq!(counting, 5, "{language}");
    }
}

/// What the counting texts say of 0, 1, 2, 3, 11 and 100; narrow no-break spaces show as `~`.
fn counts(language: &str) -> String {
    let counted = |key| [0, 1, 2, 3, 11, 100].map(|n| locale(language).count(key, n));
    [
        counted("count-articles").join(" | "),
        counted("in-sections").join(" | "),
        counted("again-minutes").join("\n"),
    ]
    .join("\n")
    .replace('\u{202F}', "~")
}

#[test]
fn french_counts() {
    insta::assert_snapshot!(counts("fr"), @"
    aucun article | un article | 2 articles | 3 articles | 11 articles | 100 articles
    hors rubrique | dans une rubrique | dans 2 rubriques | dans 3 rubriques | dans 11 rubriques | dans 100 rubriques
    Envoyez de nouveau le formulaire maintenant.
    Envoyez de nouveau le formulaire dans une minute.
    Envoyez de nouveau le formulaire dans 2 minutes.
    Envoyez de nouveau le formulaire dans 3 minutes.
    Envoyez de nouveau le formulaire dans 11 minutes.
    Envoyez de nouveau le formulaire dans 100 minutes.
    ");
}

/// French sets a no-break space before high punctuation and inside quotation marks, and curves its apostrophes.
#[test]
fn french_punctuation_does_not_break_off() {
    for line in texts("fr").lines().filter(|line| !line.starts_with('#')) {
        for wrong in [" ?", " !", " ;", " :", "« ", " »", "'", "\"", "..."] {
            assert!(!line.contains(wrong), "{wrong:?}: {line}");
        }
        let mut before = ' ';
        for letter in line.chars() {
            let space = match letter {
                '?' | '!' | ';' | '»' => '\u{202F}',
                ':' => '\u{A0}',
                _ => before,
            };
            assert_eq!(before, space, "before {letter}: {line}");
            before = letter;
        }
    }
}

#[test]
fn persian_counts() {
    insta::assert_snapshot!(counts("fa"), @"
    بدون مطلب | یک مطلب | ۲ مطلب | ۳ مطلب | ۱۱ مطلب | ۱۰۰ مطلب
    بدون بخش | در یک بخش | در ۲ بخش | در ۳ بخش | در ۱۱ بخش | در ۱۰۰ بخش
    اکنون فرم را دوباره بفرستید.
    یک دقیقهٔ دیگر فرم را دوباره بفرستید.
    ۲ دقیقهٔ دیگر فرم را دوباره بفرستید.
    ۳ دقیقهٔ دیگر فرم را دوباره بفرستید.
    ۱۱ دقیقهٔ دیگر فرم را دوباره بفرستید.
    ۱۰۰ دقیقهٔ دیگر فرم را دوباره بفرستید.
    ");
}

#[test]
fn hebrew_counts() {
    insta::assert_snapshot!(counts("he"), @"
    אין כתבות | כתבה אחת | שתי כתבות | 3 כתבות | 11 כתבות | 100 כתבות
    ללא מדורים | במדור אחד | בשני מדורים | ב־3 מדורים | ב־11 מדורים | ב־100 מדורים
    נא לשלוח שוב את הטופס עכשיו.
    נא לשלוח שוב את הטופס בעוד דקה.
    נא לשלוח שוב את הטופס בעוד שתי דקות.
    נא לשלוח שוב את הטופס בעוד 3 דקות.
    נא לשלוח שוב את הטופס בעוד 11 דקות.
    נא לשלוח שוב את הטופס בעוד 100 דקות.
    ");
}

#[test]
fn urdu_counts() {
    insta::assert_snapshot!(counts("ur"), @"
    کوئی تحریر نہیں | ایک تحریر | 2 تحریریں | 3 تحریریں | 11 تحریریں | 100 تحریریں
    کسی شعبے کے بغیر | ایک شعبے میں | 2 شعبوں میں | 3 شعبوں میں | 11 شعبوں میں | 100 شعبوں میں
    فارم ابھی دوبارہ بھیجیں۔
    ایک منٹ بعد فارم دوبارہ بھیجیں۔
    2 منٹ بعد فارم دوبارہ بھیجیں۔
    3 منٹ بعد فارم دوبارہ بھیجیں۔
    11 منٹ بعد فارم دوبارہ بھیجیں۔
    100 منٹ بعد فارم دوبارہ بھیجیں۔
    ");
}

#[test]
fn turkish_counts() {
    insta::assert_snapshot!(counts("tr"), @"
    hiç yazı yok | bir yazı | 2 yazı | 3 yazı | 11 yazı | 100 yazı
    bölümsüz | bir bölümde | 2 bölümde | 3 bölümde | 11 bölümde | 100 bölümde
    Formu şimdi yeniden gönderin.
    Formu bir dakika sonra yeniden gönderin.
    Formu 2 dakika sonra yeniden gönderin.
    Formu 3 dakika sonra yeniden gönderin.
    Formu 11 dakika sonra yeniden gönderin.
    Formu 100 dakika sonra yeniden gönderin.
    ");
}

/// Persian and Urdu have a kaf and a yeh of their own, and punctuation that looks left; what Arabic keyboards type in their place
/// is found by no search.
#[test]
fn persian_has_its_own_letters_and_digits() {
    for line in written("fa") {
        for wrong in "كيىةھہےٹ٠١٢٣٤٥٦٧٨٩,;?%\"'".chars() {
            assert!(!line.contains(wrong), "{wrong:?}: {line}");
        }
        // A prefix of the verb is joined to it without a space.
        for wrong in [" می ", " نمی ", " ها ", "..."] {
            assert!(!line.contains(wrong), "{wrong:?}: {line}");
        }
    }
}

/// Urdu ends its sentences with a stroke, and writes numbers with Latin digits, as its newspapers on the web do.
#[test]
fn urdu_has_its_own_letters_and_full_stop() {
    for line in written("ur") {
        for wrong in "كيىةه٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹,;?.\"'".chars() {
            assert!(!line.contains(wrong), "{wrong:?}: {line}");
        }
        assert_eq!(
            line.matches('”').count(),
            line.matches('“').count(),
            "{line}"
        );
    }
}

/// A maqaf joins, a gershayim abbreviates, quotation marks stand high; nobody is addressed as a man or a woman alone.
#[test]
fn hebrew_has_its_own_marks() {
    for line in written("he") {
        for wrong in ["\"", "'", "-", "“", "„", "...", "מנוי ", "/ה", "/י"] {
            assert!(!line.contains(wrong), "{wrong:?}: {line}");
        }
        assert_eq!(line.matches('”').count() % 2, 0, "{line}");
    }
}

/// Words of the text itself: without keys, names of values and comments, and without what all languages write alike.
fn written(language: &str) -> Vec<String> {
    let alike = Regex::new(
        r"\{[^}]*\}|\{ \$n ->|^[a-z0-9-]+ = |\[\w+\]|\S+@\S+|0123456789|[a-z]*\.(?:org|com)\b",
    )
    .unwrap();
    texts(language)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| alike.replace_all(line, "").into_owned())
        .collect()
}

/// The date of a mail, the day alone, the first day of the week, and a number.
#[test]
fn every_language_writes_its_dates_and_digits() {
    let utc = zone("UTC");
    let written = SUPPORTED.map(|language| {
        let locale = locale(language);
        [
            locale.date_time(MONDAY, &utc),
            locale.date_day(MONDAY, &utc),
            locale.weekday(1),
            locale.number(1500),
        ]
        .join(" | ")
    });
    insta::assert_snapshot!(written.join("\n").replace('\u{202F}', "~"), @"
    الاثنين، 23 نوفمبر 2026 في 9:00 ص | 23 نوفمبر | الاثنين | 1,500
    Monday, 23 November 2026 at 09:00 | 23 November | Monday | 1,500
    lundi 23 novembre 2026 à 09:00 | 23 novembre | lundi | 1~500
    دوشنبه ۲ آذر ۱۴۰۵ ساعت ۹:۰۰ | ۲ آذر | دوشنبه | ۱٬۵۰۰
    יום שני, 23 בנובמבר 2026 בשעה 9:00 | 23 בנובמבר | יום שני | 1,500
    پیر، 23 نومبر، 2026 9:00 AM | 23 نومبر | پیر | 1,500
    23 Kasım 2026 Pazartesi 09:00 | 23 Kasım | Pazartesi | 1.500
    ");
}

/// January and November, which the newspapers of the Levant, of Egypt and of the Maghreb name differently, in the digits of each.
#[test]
fn arabic_months_go_with_the_region() {
    let january = 1_800_000_000_000; // 2027-01-15
    let written = [
        "ar-LB",
        "ar-SY",
        "ar-EG",
        "ar-SA-u-ca-gregory",
        "ar-TN",
        "ar-DZ",
        "ar-MA",
    ]
    .map(|tag| {
        let locale = Locale::new("ar", Some(tag)).unwrap();
        let [january, november] = [january, MONDAY].map(|ms| locale.date_day(ms, &zone("UTC")));
        format!("{tag}: {january} | {november}")
    });
    insta::assert_snapshot!(written.join("\n"), @"
    ar-LB: ١٥ كانون الثاني | ٢٣ تشرين الثاني
    ar-SY: ١٥ كانون الثاني | ٢٣ تشرين الثاني
    ar-EG: ١٥ يناير | ٢٣ نوفمبر
    ar-SA-u-ca-gregory: ١٥ يناير | ٢٣ نوفمبر
    ar-TN: 15 جانفي | 23 نوفمبر
    ar-DZ: 15 جانفي | 23 نوفمبر
    ar-MA: 15 يناير | 23 نونبر
    ");
}

/// Each calendar with each kind of digits, as a mail writes its date.
#[test]
fn digits_and_calendars_are_chosen_apart() {
    let dates = |tags: &[&str]| {
        let written = tags.iter().map(|tag| {
            let language = &tag[..2];
            let locale = Locale::new(language, Some(tag)).unwrap();
            format!(
                "{tag}: {} | {}",
                locale.date_long(MONDAY, &zone("UTC")),
                locale.number(1500)
            )
        });
        let written = written.collect::<Vec<_>>().join("\n");
        written.replace('\u{202F}', "~")
    };
    insta::assert_snapshot!(dates(&[
        "ar-LB-u-ca-gregory-nu-latn",
        "ar-LB-u-ca-islamic-umalqura-nu-arab",
        "ar-SA-u-ca-islamic-umalqura-nu-latn",
        "ar-u-ca-persian-nu-arabext",
        "fa-u-ca-gregory-nu-latn",
        "fa-u-ca-islamic-umalqura",
        "ur-u-nu-arabext",
        "ur-u-ca-islamic-umalqura",
        "en-u-nu-latn",
        "fr-u-ca-islamic-umalqura",
        "tr-u-ca-islamic-umalqura",
        "he-u-ca-gregory",
    ]), @"
    ar-LB-u-ca-gregory-nu-latn: الاثنين، 23 تشرين الثاني 2026 | 1.500
    ar-LB-u-ca-islamic-umalqura-nu-arab: الاثنين، ١٣ جمادى الآخرة ١٤٤٨ هـ | ١٬٥٠٠
    ar-SA-u-ca-islamic-umalqura-nu-latn: الاثنين، 13 جمادى الآخرة 1448 هـ | 1,500
    ar-u-ca-persian-nu-arabext: الاثنين، ۲ آذر ۱۴۰۵ ه‍.ش | ۱,۵۰۰
    fa-u-ca-gregory-nu-latn: دوشنبه 23 نوامبر 2026 | 1,500
    fa-u-ca-islamic-umalqura: دوشنبه ۱۳ جمادی‌الثانی ۱۴۴۸ ه‍.ق. | ۱٬۵۰۰
    ur-u-nu-arabext: پیر، ۲۳ نومبر، ۲۰۲۶ | ۱٬۵۰۰
    ur-u-ca-islamic-umalqura: پیر، 13 جمادی الثانی، 1448 ہجری | 1,500
    en-u-nu-latn: Monday, 23 November 2026 | 1,500
    fr-u-ca-islamic-umalqura: lundi 13 joumada ath-thania 1448 AH | 1~500
    tr-u-ca-islamic-umalqura: Hicri 13 Cemaziyelahir 1448 Pazartesi | 1.500
    he-u-ca-gregory: יום שני, 23 בנובמבר 2026 | 1,500
    ");
}
