//! How pages look: calm, on light and dark screens, on paper, and as narrow as 320 pixels.

/// All of it. Text has a contrast of at least 4.5:1 on its ground, marks of 3:1; a verdict is a word and a sign, never a
/// colour alone.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--soft:#57606a;--line:#d1d9e0;--band:#f6f8fa;--link:#0550ae;
--bar:#5b7fb5;--good:#176f2c;--good-ground:#e6f4e8;--warn:#7a4d00;--warn-ground:#fff3d6;--bad:#a40e26;--bad-ground:#ffebe9}
@media(prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#3d444d;--band:#151b23;
--link:#79c0ff;--bar:#6f95cf;--good:#7ee787;--good-ground:#12301b;--warn:#e3b341;--warn-ground:#33260a;--bad:#ff9492;
--bad-ground:#3d1418}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:0 1rem 3rem;background:var(--ground);color:var(--text);
font:16px/1.55 system-ui,sans-serif;overflow-wrap:break-word}
a{color:var(--link)}a:focus-visible,[tabindex]:focus-visible,summary:focus-visible{outline:2px solid var(--link);
outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.25rem .5rem}
header{border-bottom:1px solid var(--line);margin-bottom:1.5rem;padding:.75rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.15rem 0;min-height:24px}nav [aria-current]{color:var(--text);font-weight:600;text-decoration:none}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.2rem;margin:2.25rem 0 .6rem}
h3{font-size:1rem;margin:0}p{margin:.35rem 0}.soft{color:var(--soft)}small{font-size:.875rem;font-weight:400}
code,pre{font:.875em/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}
pre{background:var(--band);border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;overflow:auto;padding:.6rem .8rem}
ul.counts{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:1rem 0;padding:0}
ul.counts li{border:1px solid var(--line);border-radius:.4rem;padding:.4rem .9rem;min-width:7.5rem}
ul.counts b{display:block;font-size:1.4rem;line-height:1.3;font-variant-numeric:tabular-nums}
.verdict{border-radius:.3rem;display:inline-block;font-size:.875rem;font-weight:600;padding:.05rem .5rem;white-space:nowrap}
.passed{background:var(--good-ground);color:var(--good)}.failed{background:var(--bad-ground);color:var(--bad)}
.warned{background:var(--warn-ground);color:var(--warn)}.not_run{background:var(--band);color:var(--soft)}
.personal{border:1px solid var(--line);border-radius:.3rem;color:var(--soft);font-size:.875rem;padding:0 .4rem}
.scroll{border:1px solid var(--line);border-radius:.4rem;overflow:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.4rem .75rem;text-align:left;vertical-align:top}
tbody tr:last-child>*{border-bottom:0}th code,td code{overflow-wrap:normal;white-space:nowrap}thead th{background:var(--band)}tbody th{font-weight:600}
.n{text-align:right}caption{color:var(--soft);padding:.4rem .75rem;text-align:left}
ol.columns,ol.checks{list-style:none;margin:0;padding:0}
ol.columns>li{border-top:1px solid var(--line);display:grid;gap:.25rem 1.5rem;padding:.8rem 0;
grid-template-columns:minmax(0,16rem) 9rem minmax(0,1fr)}
ol.columns>li>:last-child{grid-column:-2}ol.columns p{margin:0 0 .15rem}.source{color:var(--soft);font-size:.875rem}
ol.checks>li{border:1px solid var(--line);border-left-width:.3rem;border-radius:.4rem;margin:.75rem 0;
padding:.75rem 1rem}ol.checks>li.of-failed{border-left-color:var(--bad)}ol.checks>li.of-warned{border-left-color:var(--warn)}
ol.checks>li.of-passed{border-left-color:var(--good)}
ul.plain{list-style:none;margin:0;padding:0}ul.plain li{margin:.2rem 0}
dl{display:grid;gap:.2rem 1rem;grid-template-columns:max-content minmax(0,1fr);margin:.5rem 0}dt{color:var(--soft)}dd{margin:0}
svg.spread{display:block;height:2.5rem;width:9rem}svg.spread rect{fill:var(--bar)}svg.spread line{stroke:var(--line)}
svg a{text-decoration:none}details{margin:.4rem 0}summary{color:var(--link);cursor:pointer;min-height:24px}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.875rem;margin-top:3rem;padding-top:.75rem}
@media(max-width:44rem){.more{display:none}table.short{font-size:.8rem}table.short code,table.short a{overflow-wrap:anywhere;white-space:normal}ol.columns>li{grid-template-columns:minmax(0,1fr)}dl{grid-template-columns:minmax(0,1fr)}
dt{margin-top:.3rem}th,td{padding:.35rem .5rem}ul.counts li{flex:1 1 6rem;min-width:6rem;padding:.4rem .6rem}}
@media print{body{font-size:11pt;max-width:none}nav,.skip{display:none}.scroll,pre{overflow:visible}a{color:inherit}
ol.checks>li,ol.columns>li,tr{break-inside:avoid}}
";
