//! Columns whose header says that they tell of a person, although no field takes them: dates of birth, papers, pay.

use crate::case::Case;

#[test]
fn what_the_profile_calls_personal_is_masked_wherever_it_goes() {
    for (profile, heads, all) in [
        ("generic", "Firm,Date of Birth,Passport no.,Gender,Paid", vec!["Date of Birth", "Passport no.", "Gender"]),
        ("germany", "Firma,Geburtsdatum,Gehalt,Passport,Betrag", vec!["Geburtsdatum", "Gehalt", "Passport"]),
        ("france", "Société,Date de naissance,Né le,Ville", vec!["Date de naissance", "Né le"]),
        ("japan", "会社名,生年月日,性別,市", vec!["生年月日", "性別"]),
        ("south-africa", "Company,SA ID Number,DOB (yyyy),Paid", vec!["SA ID Number", "DOB (yyyy)"]),
    ] {
        let toml = format!(
            "[pipeline]\nname = 'p'\nprofile = '{profile}'\n[source.s]\npath = 's.csv'\nheader = 1\n[step.d]\nkind = \
             'derive'\nfrom = 's'\n[step.d.columns]\nmade = '\"{}\"'\n[export.docs]\nabout = 'docs'\n",
            all[0]
        );
        let cells = vec!["Zyxwv"; heads.split(',').count()].join(",");
        let case = Case::new(&[("hotpass.toml", toml.as_str()), ("s.csv", &format!("{heads}\n{cells}\n{cells}\n"))]);
        case.run(&["build"]).ok();
        assert_eq!(case.personal("s"), all, "{profile}");
        assert_eq!(case.personal("d"), [&all[..], &["made"]].concat(), "{profile}");
    }
}

#[test]
fn a_field_of_that_name_opens_it_and_init_does_not() {
    let toml = "[pipeline]\nname = 'p'\nprofile = 'generic'\n[source.s]\npath = 's.csv'\nheader = 1\n[field.gender]\n";
    let rows = "Firm,Gender,Date of birth\nA,f,1980-03-12\nB,m,1981-04-13\n";
    let case = Case::new(&[("hotpass.toml", toml), ("s.csv", rows)]);
    case.run(&["build"]).ok();
    assert_eq!(case.personal("s"), ["Date of birth"]);
    case.run(&["-C", "ws", "init", "--from", "s.csv"]).ok();
    case.run(&["-C", "ws", "build"]).ok();
    assert_eq!(case.personal("s"), ["Date of birth"]);
    let text = case.text("ws/hotpass.toml");
    assert!(text.contains("[field.date_of_birth]\nvalue = \"date\"\nclass = \"personal\""), "{text}");
    assert!(text.contains("[field.gender]\nvalue = \"text\"\nclass = \"personal\""), "{text}");
}
