// swift-format-ignore-file
// Made by scripts/page.py of Sources/Gateway/Dashboard/Page: `make page`.

/// The document of `GET /ui`.
enum PageDocument {
    /// The digest of its style.
    static let styleDigest: StaticString = "sha256-8kPr4yADNpT56Inq75xnXWDqP5rDJzVpmgwLsHg+5EQ="

    /// The digest of its script.
    static let scriptDigest: StaticString = "sha256-lCzd2rwfP3JOZFEDJ2o/NaCZOGff0rMVsTTXkPjVHno="

    /// What stands before the word that tells whether a key is needed.
    static let beginning: StaticString = ###"""
<!doctype html>
<html lang="en" data-key="
"""###

    /// What follows that word.
    static let end: StaticString = ###"""
">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>gateway</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E%3Cpath d='M7 21c4 0 5-10 9-10s5 6 9 6' fill='none' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E">
<style>:root {
  color-scheme: light dark;
  --page: #f5f6f8;
  --card: #ffffff;
  --line: #e1e4e9;
  --text: #1b2330;
  --quiet: #5a6474;
  --grid: #e9ecf0;
  --accent: #0f766e;
  --accent-text: #ffffff;
  --hit: #0f766e;
  --miss: #b45309;
  --third: #4f46b8;
  --bad: #b3261e;
  --good: #15703c;
  --wash: #eef6f5;
  --warn: #fdf3e4;
  --shadow: 0 1px 2px rgb(20 30 50 / 6%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b;
    --card: #191f27;
    --line: #2b333e;
    --text: #e6eaf0;
    --quiet: #a0abba;
    --grid: #262e38;
    --accent: #2dd4bf;
    --accent-text: #06231f;
    --hit: #2dd4bf;
    --miss: #f0a94a;
    --third: #a5a0f5;
    --bad: #ff8a80;
    --good: #5fd38d;
    --wash: #16302e;
    --warn: #33291a;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
[hidden] { display: none !important; }
h1, h2, h3, p, dl, dd, ul, ol { margin: 0; padding: 0; }
h1 { font-size: 1.1rem; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: 1rem; font-weight: 600; }
code { font: .86em/1.4 ui-monospace, "SFMono-Regular", Menlo, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.note { font-size: .85rem; margin-bottom: .75rem; }
.number { text-align: right; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--card); padding: .5rem 1rem; border-radius: 8px; z-index: 2; }
.skip:focus { top: .5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }

header {
  display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between;
  padding: .75rem clamp(1rem, 3vw, 2rem); background: var(--card); border-bottom: 1px solid var(--line);
}
.brand, .tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.brand .quiet, .tools .quiet { font-size: .85rem; }
.mark { width: 28px; height: 28px; }
.mark rect { fill: #0f766e; }
.mark path { fill: none; stroke: #fff; stroke-width: 3; stroke-linecap: round; }
.pill {
  font-size: .78rem; font-weight: 600; padding: .1rem .6rem; border-radius: 99px;
  background: var(--wash); color: var(--good); border: 1px solid currentcolor;
}
.pill.warn { background: var(--warn); color: var(--miss); }
.pill.bad { background: var(--warn); color: var(--bad); }

main { max-width: 1320px; margin: 0 auto; padding: 1.25rem clamp(1rem, 3vw, 2rem) 3rem; }
#board { display: grid; gap: 1rem; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.2rem; min-width: 0;
  box-shadow: var(--shadow);
}
.banner {
  background: var(--warn); color: var(--text); border: 1px solid var(--miss); border-radius: 10px; padding: .7rem 1rem;
  margin-bottom: 1rem;
}
.banner.calm { background: var(--card); border-color: var(--line); margin: 0; }
.error { color: var(--bad); font-size: .9rem; min-height: 1.4em; }

.gate { display: grid; place-items: center; min-height: 60vh; }
.gate form { display: grid; gap: .6rem; width: min(26rem, 100%); padding: 1.6rem; }
label { font-size: .88rem; color: var(--quiet); }
input {
  width: 100%; min-width: 0; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--quiet);
  border-radius: 8px; padding: .5rem .7rem;
}
button {
  font: inherit; font-weight: 600; border-radius: 8px; padding: .5rem 1rem; border: 1px solid transparent; cursor: pointer;
  white-space: nowrap;
}
button.primary { background: var(--accent); color: var(--accent-text); }
button.plain { background: transparent; color: inherit; border-color: var(--line); }
button.danger { background: transparent; color: var(--bad); border-color: var(--bad); }
button:hover { filter: brightness(1.08); }
.row { display: flex; gap: .6rem; margin-top: .35rem; }
.row.end { justify-content: flex-end; margin-top: 1.2rem; }

.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); }
.tile {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1.1rem; min-width: 0;
  box-shadow: var(--shadow);
}
.tile dt { font-size: .85rem; color: var(--quiet); }
.tile .figure { font-size: 1.75rem; font-weight: 620; letter-spacing: -.02em; line-height: 1.3; }
.tile .figure.good { color: var(--good); }
.tile .figure.warn { color: var(--miss); }
.tile .figure.bad { color: var(--bad); }
.tile .more { font-size: .85rem; color: var(--quiet); overflow-wrap: anywhere; }

.plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
figure { margin: 0; }
figcaption { min-height: 3.1rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .82rem; color: var(--quiet); list-style: none; }
.legend li { display: flex; align-items: center; gap: .35rem; }
.legend svg { width: 20px; height: 8px; }
.readout { font-size: .82rem; color: var(--quiet); min-height: 1.5em; }
.plot { display: block; width: 100%; height: 190px; border-radius: 6px; touch-action: pan-y; }
.plot text { fill: var(--quiet); font-size: 11px; }
.plot .grid { stroke: var(--grid); stroke-width: 1; }
.plot .axis { stroke: var(--line); stroke-width: 1; }
.plot .cursor { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 3; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.area { stroke: none; opacity: .16; }
.line.hit, .dot.hit { stroke: var(--hit); }
.line.miss, .dot.miss { stroke: var(--miss); }
.line.third, .dot.third { stroke: var(--third); }
.area.hit { fill: var(--hit); }
.area.miss { fill: var(--miss); }
.area.third { fill: var(--third); }
.dash { stroke-dasharray: 5 3; }
.dots { stroke-dasharray: 1.5 3.5; }
.dot { fill: var(--card); stroke-width: 2; }

.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); align-items: start; }
.scroll { overflow-x: auto; }
.scroll.tall { max-height: 22rem; overflow-y: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th { font-weight: 500; color: var(--quiet); text-align: left; font-size: .82rem; }
th, td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; overflow-wrap: anywhere; min-width: 8rem; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }

.bars { list-style: none; display: grid; gap: .55rem; font-size: .9rem; }
.bars .head { display: flex; justify-content: space-between; gap: 1rem; }
.bars svg { display: block; width: 100%; height: 6px; margin-top: .2rem; }
.bars .track { fill: var(--grid); }
.bars .bar { fill: var(--miss); }
.facts { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.2rem; font-size: .9rem; margin-top: .6rem; }
.facts dt { color: var(--quiet); }
.facts dd { overflow-wrap: anywhere; }
#entry .facts { margin: .4rem 0 1rem; }
.timeline p { font-size: .85rem; color: var(--quiet); margin-top: .8rem; }
.timeline svg { display: block; width: 100%; height: 10px; margin-top: .3rem; border-radius: 3px; }
.timeline rect { fill: var(--grid); }
.timeline .up { fill: var(--good); opacity: .7; }
.timeline .degraded { fill: #e8a33d; }
.timeline .down { fill: var(--bad); }
.events { list-style: none; display: grid; gap: .1rem; font-size: .9rem; }
.events li { display: grid; grid-template-columns: 5.4rem 1fr; gap: .1rem .8rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
.events li:last-child { border-bottom: 0; }
.events time { color: var(--quiet); }
.events .kind { font-weight: 600; font-size: .82rem; }
.events .warning { color: var(--miss); }
.events .recovery { color: var(--good); }
.events .text { overflow-wrap: anywhere; display: block; }
.empty { color: var(--quiet); font-size: .9rem; }

dialog {
  max-width: min(32rem, calc(100vw - 2rem)); background: var(--card); color: var(--text); border: 1px solid var(--line);
  border-radius: 12px; padding: 1.4rem;
}
dialog p { margin-top: .7rem; }
dialog::backdrop { background: rgb(10 15 25 / 45%); }

@media (max-width: 34rem) {
  .row { flex-direction: column; }
  .row.end { flex-direction: column-reverse; }
  .tiles { grid-template-columns: repeat(2, 1fr); gap: .7rem; }
  .tile { padding: .7rem .8rem; }
  .tile .figure { font-size: 1.35rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  button, input { transition: filter .12s, border-color .12s; }
  .bars .bar { transition: width .3s; }
}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header>
  <div class="brand">
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M7 21c4 0 5-10 9-10s5 6 9 6"/></svg>
    <h1>gateway</h1>
    <span id="version" class="quiet"></span>
    <span id="state" class="pill" hidden></span>
  </div>
  <div class="tools">
    <span id="freshness" class="quiet"></span>
    <button id="lock" type="button" class="plain" hidden>Forget the key</button>
  </div>
</header>

<main id="main" tabindex="-1">
  <p id="spoken" class="hidden" role="status" aria-live="polite"></p>
  <p id="trouble" class="banner" role="alert" hidden></p>
  <noscript><p class="banner">This page draws its figures with JavaScript, which is off.</p></noscript>

  <section id="gate" class="gate" aria-labelledby="gate-title" hidden>
    <form id="key-form" class="card">
      <h2 id="gate-title">The master key</h2>
      <p class="quiet">What this page shows belongs to all tenants. The key stays in this tab's memory until you leave or
        reload the page; it is not stored.</p>
      <label for="key">Master key</label>
      <input id="key" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" required aria-describedby="key-error">
      <p id="key-error" class="error" role="alert"></p>
      <button type="submit" class="primary">Show the figures</button>
    </form>
  </section>

  <div id="board" hidden>
    <section aria-labelledby="summary-title">
      <h2 id="summary-title" class="hidden">Summary of the last hour</h2>
      <dl id="tiles" class="tiles"></dl>
    </section>

    <p id="no-metrics" class="banner calm" hidden>Metrics are off (<code>general_settings.metrics: false</code>), so that there are
      no figures over time. What there is now, the events and the entries are shown all the same.</p>

    <section id="plots" class="plots" aria-label="The last hour"></section>

    <div class="columns">
      <section class="card" aria-labelledby="models-title">
        <h2 id="models-title">Models</h2>
        <p class="quiet note">Most requests in the last hour</p>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="models-title">
          <table><thead><tr><th scope="col">Model</th><th scope="col" class="number">Requests</th>
            <th scope="col" class="number">Hit ratio</th><th scope="col" class="number">Tokens saved</th>
            <th scope="col" class="number">Saved</th></tr></thead><tbody id="models"></tbody></table>
        </div>
      </section>
      <section class="card" aria-labelledby="reasons-title">
        <h2 id="reasons-title">Misses by reason</h2>
        <p class="quiet note">Why answers did not come from the cache in the last hour</p>
        <ul id="reasons" class="bars"></ul>
      </section>
    </div>

    <div class="columns">
      <section class="card" aria-labelledby="backend-title">
        <h2 id="backend-title">Cache backend</h2>
        <dl id="backend" class="facts"></dl>
        <div id="backend-hour" class="timeline"></div>
      </section>
      <section class="card" aria-labelledby="now-title">
        <h2 id="now-title">Now</h2>
        <dl id="now" class="facts"></dl>
      </section>
    </div>

    <div class="columns">
      <section class="card" aria-labelledby="entry-title">
        <h2 id="entry-title">Look up an entry</h2>
        <form id="entry-form">
          <label for="entry-key">Key of the entry, from the answer's header <code>x-litellm-cache-key</code></label>
          <div class="row">
            <input id="entry-key" type="text" autocomplete="off" spellcheck="false" autocapitalize="off" required placeholder="gateway:0123…" aria-describedby="entry-error">
            <button type="submit" class="primary">Look up</button>
          </div>
        </form>
        <p id="entry-error" class="error" role="alert"></p>
        <div id="entry" role="status" aria-live="polite"></div>
        <button id="entry-delete" type="button" class="danger" hidden>Delete this entry…</button>
      </section>
      <section class="card" aria-labelledby="events-title">
        <h2 id="events-title">Events</h2>
        <p class="quiet note">Reloads, outages, rotation, start and stop; the latest first</p>
        <div class="scroll tall" tabindex="0" role="region" aria-labelledby="events-title">
          <ol id="events" class="events" aria-live="polite"></ol>
        </div>
      </section>
    </div>
  </div>
</main>

<dialog id="confirm" aria-labelledby="confirm-title">
  <h2 id="confirm-title">Delete this entry?</h2>
  <p>The next request for it asks the model again. Gateways that share the backend stop serving it too.</p>
  <p><code id="confirm-key"></code></p>
  <div class="row end">
    <button id="confirm-no" type="button" class="plain">Keep it</button>
    <button id="confirm-yes" type="button" class="danger">Delete it</button>
  </div>
</dialog>
<script>"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const REFRESH = 5000;
  const HOUR = 3600;
  /** The gateway may be below a path of a proxy. */
  const base = location.pathname.replace(/\/ui\/?$/, "");
  /** The master key. It is here and nowhere else. */
  let key = null;
  let data = null;
  let timer = 0;
  let found = null;
  let spoken = 0;

  // Elements. All text is inserted as text.

  const $ = (id) => document.getElementById(id);

  function make(name, members = {}, ...children) {
    return fill(document.createElement(name), members, children);
  }

  function draw(name, members = {}, ...children) {
    return fill(document.createElementNS(SVG, name), members, children);
  }

  function fill(element, members, children) {
    for (const [name, value] of Object.entries(members)) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))));
    return element;
  }

  /** Replaces what an element has, unless it has it already: what has not changed is not announced again. */
  function put(element, ...children) {
    const next = make("div", {}, ...children);
    if (next.textContent === element.textContent && next.childNodes.length === element.childNodes.length) return;
    element.replaceChildren(...next.childNodes);
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  // Figures

  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const some = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const cents = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
  const fractions = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 2, minimumFractionDigits: 0 });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

  const known = (value) => value !== null && value !== undefined;
  const unlessNone = (format) => (value) => (known(value) ? format(value) : "–");
  const units = {
    rate: unlessNone((value) => (value === 0 || value >= 100 ? whole : some).format(value)),
    percent: unlessNone((value) => `${value > 0 && value < 10 ? some.format(value) : whole.format(value)} %`),
    count: unlessNone((value) => (value < 100000 ? whole : short).format(value)),
    milliseconds: unlessNone((value) => (value < 1000 ? `${some.format(value)} ms` : `${some.format(value / 1000)} s`)),
    dollars: unlessNone((value) => (value !== 0 && value < 1 ? fractions : cents).format(value)),
    bytes: unlessNone((value) => {
      const names = ["B", "KiB", "MiB", "GiB", "TiB"];
      let power = 0;
      while (value >= 1024 && power < names.length - 1) { value /= 1024; power += 1; }
      return `${some.format(value)} ${names[power]}`;
    }),
    duration: unlessNone((value) => {
      const sign = value < 0 ? "−" : "";
      value = Math.abs(value);
      if (value < 1) return `${sign}${some.format(value * 1000)} ms`;
      if (value < 120) return `${sign}${some.format(value)} s`;
      const parts = [[86400, "d"], [3600, "h"], [60, "min"]];
      const first = parts.findIndex(([length]) => value >= length);
      const [length, name] = parts[first];
      const next = parts[first + 1];
      const rest = next ? Math.floor((value % length) / next[0]) : 0;
      return `${sign}${Math.floor(value / length)} ${name}${rest > 0 ? ` ${rest} ${next[1]}` : ""}`;
    }),
  };

  // Plots

  /** What is drawn: for each series a name, a class and a function from samples and an index to a value. */
  const per = (name) => (samples, at) => samples[name][at] / samples.seconds[at];
  const plain = (name) => (samples, at) => samples[name][at];
  const kinds = [
    {
      title: "Requests per second", unit: units.rate, series: [
        { name: "from the cache", style: "hit", area: true, value: per("hits") },
        { name: "by models", style: "miss", dash: "dash", area: true, value: (samples, at) => (samples.requests[at] - samples.hits[at]) / samples.seconds[at] },
        { name: "errors", style: "third", dash: "dots", value: per("errors") },
      ],
    },
    {
      title: "Hit ratio", unit: units.percent, top: 100, series: [
        { name: "answered from the cache", style: "hit", area: true, value: (samples, at) => (samples.requests[at] > 0 ? (100 * samples.hits[at]) / samples.requests[at] : null) },
      ],
    },
    { title: "Latency of hits", unit: units.milliseconds, series: percentiles("hit") },
    { title: "Latency of misses", unit: units.milliseconds, series: percentiles("miss") },
    {
      title: "Tokens saved per minute", unit: units.count, series: [
        { name: "input and output", style: "hit", area: true, value: (samples, at) => (60 * samples.saved_tokens[at]) / samples.seconds[at] },
      ],
    },
    {
      title: "Dollars saved in the last hour", unit: units.dollars, series: [
        { name: "in the hour", style: "hit", area: true, value: (samples, at) => samples.saved_dollars.slice(0, at + 1).reduce((sum, value) => sum + value, 0) },
      ],
    },
    {
      title: "Calls to models in progress", unit: units.count, least: 4, series: [
        { name: "calls", style: "miss", area: true, value: plain("calls") },
        { name: "requests waiting", style: "third", dash: "dash", value: plain("waiting") },
      ],
    },
    { title: "Open connections", unit: units.count, least: 4, series: [{ name: "open", style: "third", area: true, value: plain("connections") }] },
    { title: "Memory of the process", unit: units.bytes, binary: true, series: [{ name: "resident", style: "third", area: true, value: plain("resident_bytes") }] },
  ];

  function percentiles(what) {
    return [
      { name: "p50", style: "hit", value: plain(`${what}_p50_ms`) },
      { name: "p95", style: "third", dash: "dash", value: plain(`${what}_p95_ms`) },
      { name: "p99", style: "miss", dash: "dots", value: plain(`${what}_p99_ms`) },
    ];
  }

  /** The least round number from `value` on, and the distance between the ticks below it. */
  function scale(value, isBinary) {
    let unit = 1;
    if (isBinary) while (value / unit >= 1024) unit *= 1024;
    const rough = value / unit / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
    return { step: step * unit, top: Math.ceil(value / (step * unit) - 1e-9) * step * unit };
  }

  class Plot {
    constructor(kind, number) {
      this.kind = kind;
      this.at = null;
      const title = make("h2", { id: `plot-${number}` }, kind.title);
      const legend = kind.series.length === 1 ? null : make("ul", { class: "legend" }, ...kind.series.map((series) => make("li", {},
        draw("svg", { viewBox: "0 0 20 8", "aria-hidden": "true" },
          draw("path", { class: `line ${series.style} ${series.dash ?? ""}`, d: "M1 4H19" })),
        series.name)));
      this.svg = draw("svg", { class: "plot", role: "img", tabindex: "0" });
      this.readout = make("p", { class: "readout" });
      this.figure = make("figure", { class: "card" }, make("figcaption", {}, title, legend), this.svg, this.readout);
      this.svg.addEventListener("pointermove", (event) => this.point(event));
      this.svg.addEventListener("pointerdown", (event) => this.point(event));
      this.svg.addEventListener("pointerleave", () => this.look(null));
      this.svg.addEventListener("keydown", (event) => this.step(event));
      this.svg.addEventListener("blur", () => { this.readout.removeAttribute("aria-live"); this.look(null); });
    }

    /** Draws the samples of the hour that ends `now`. */
    show(samples, now) {
      this.samples = samples;
      this.now = now;
      this.values = this.kind.series.map((series) => samples.time.map((_, at) => series.value(samples, at)));
      this.draw();
    }

    draw() {
      if (!this.samples) return;
      const { kind, samples, values } = this;
      const width = Math.max(240, this.svg.clientWidth || 400);
      const height = 190;
      const all = values.flat().filter(known);
      const { step, top } = kind.top ? { step: kind.top / 4, top: kind.top } : scale(Math.max(kind.least ?? 0, ...all, 0) || 1, kind.binary);
      const ticks = [];
      for (let value = 0; value <= top * 1.001; value += step) ticks.push(value);
      const tick = (value) => kind.unit(value).replace(/\.00$/, "");
      const left = 10 + 6.4 * Math.max(...ticks.map((value) => tick(value).length));
      const box = { left, right: width - 8, top: 10, bottom: height - 22 };
      const x = (time) => box.right - ((this.now - time) / HOUR) * (box.right - box.left);
      const y = (value) => box.bottom - (value / top) * (box.bottom - box.top);
      this.x = x;
      const parts = [];
      for (const value of ticks) {
        parts.push(draw("path", { class: value === 0 ? "axis" : "grid", d: `M${box.left} ${y(value)}H${box.right}` }));
        parts.push(draw("text", { x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, tick(value)));
      }
      const quarter = 900;
      for (let time = Math.ceil((this.now - HOUR) / quarter) * quarter; time <= this.now; time += quarter) {
        const place = x(time);
        if (place < box.left + 10 || place > box.right - 12) continue;
        parts.push(draw("path", { class: "grid", d: `M${place} ${box.top}V${box.bottom}` }));
        parts.push(draw("text", { x: place, y: height - 6, "text-anchor": "middle" }, clock.format(time * 1000)));
      }
      kind.series.forEach((series, number) => {
        const runs = this.runs(values[number], samples).map((run) => run.map((at) => [x(samples.time[at]), y(values[number][at])]));
        const path = runs.map((run) => `M${run.map((place) => place.map((part) => part.toFixed(1)).join(" ")).join("L")}${run.length === 1 ? "h.01" : ""}`).join("");
        if (series.area) {
          const area = runs.map((run) => `M${run[0][0].toFixed(1)} ${box.bottom}L${run.map((place) => place.map((part) => part.toFixed(1)).join(" ")).join("L")}L${run[run.length - 1][0].toFixed(1)} ${box.bottom}Z`).join("");
          parts.push(draw("path", { class: `area ${series.style}`, d: area }));
        }
        parts.push(draw("path", { class: `line ${series.style} ${series.dash ?? ""}`, d: path }));
      });
      if (this.at !== null && this.at < samples.time.length) {
        const place = x(samples.time[this.at]);
        parts.push(draw("path", { class: "cursor", d: `M${place} ${box.top}V${box.bottom}` }));
        kind.series.forEach((series, number) => {
          const value = values[number][this.at];
          if (known(value)) parts.push(draw("circle", { class: `dot ${series.style}`, cx: place, cy: y(value), r: 3.5 }));
        });
      }
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.replaceChildren(...parts);
      this.tell();
    }

    /** Indices of samples that follow one another without a gap. */
    runs(values, samples) {
      const runs = [];
      let run = [];
      values.forEach((value, at) => {
        const isLate = at > 0 && samples.time[at] - samples.time[at - 1] > 60;
        if ((!known(value) || isLate) && run.length > 0) { runs.push(run); run = []; }
        if (known(value) && samples.time[at] >= this.now - HOUR) run.push(at);
      });
      if (run.length > 0) runs.push(run);
      return runs;
    }

    tell() {
      const { kind, values, samples } = this;
      const highest = Math.max(...values.flat().filter(known), 0);
      const last = samples.time.length - 1;
      const figures = (at) => kind.series.map((series, number) => (kind.series.length === 1 ? "" : `${series.name} `) + kind.unit(values[number][at])).join(", ");
      const summary = last < 0 ? "The first figures come within ten seconds." : `Last: ${figures(last)}. Highest: ${kind.unit(highest)}.`;
      this.svg.setAttribute("aria-label", `${kind.title} over the last hour. ${summary} The arrow keys move through time.`);
      say(this.readout, this.at !== null && this.at <= last ? `${seconds.format(samples.time[this.at] * 1000)}: ${figures(this.at)}` : summary);
    }

    look(at) {
      this.at = at;
      this.draw();
    }

    point(event) {
      if (!this.samples || this.samples.time.length === 0) return;
      const frame = this.svg.getBoundingClientRect();
      const place = event.clientX - frame.left;
      let nearest = 0;
      this.samples.time.forEach((time, at) => {
        if (Math.abs(this.x(time) - place) < Math.abs(this.x(this.samples.time[nearest]) - place)) nearest = at;
      });
      this.look(nearest);
    }

    step(event) {
      const last = this.samples ? this.samples.time.length - 1 : -1;
      if (last < 0) return;
      const from = this.at ?? last + 1;
      const next = {
        ArrowLeft: Math.max(0, from - (event.shiftKey ? 10 : 1)), ArrowRight: Math.min(last, from + (event.shiftKey ? 10 : 1)),
        Home: 0, End: last, Escape: null,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      this.readout.setAttribute("aria-live", "polite");
      this.look(next);
    }
  }

  const plots = kinds.map((kind, number) => new Plot(kind, number));
  $("plots").append(...plots.map((plot) => plot.figure));
  new ResizeObserver(() => plots.forEach((plot) => plot.draw())).observe($("plots"));

  // The parts of the page

  function tile(name, figure, more, style = "") {
    return make("div", { class: "tile" }, make("dt", {}, name), make("dd", { class: `figure ${style}` }, figure), make("dd", { class: "more" }, more));
  }

  const styles = { up: "good", degraded: "warn", down: "bad" };

  function showTiles() {
    const { hour, samples, cache } = data;
    const tiles = [];
    if (hour) {
      const last = samples.time.length - 1;
      const ratio = hour.requests > 0 ? (100 * hour.hits) / hour.requests : null;
      const joined = hour.coalesced > 0 ? `, ${units.count(hour.coalesced)} shared a call` : "";
      tiles.push(tile("Hit ratio", units.percent(ratio), `${units.count(hour.hits)} of ${units.count(hour.requests)} requests${joined}`));
      tiles.push(tile("Requests per second", units.rate(last < 0 ? null : samples.requests[last] / samples.seconds[last]),
        hour.errors > 0 ? `${units.count(hour.errors)} errors in the hour` : "no errors in the hour"));
      tiles.push(tile("Latency of hits, p95", units.milliseconds(hour.hit_latency_ms.p95), `misses ${units.milliseconds(hour.miss_latency_ms.p95)}`));
      tiles.push(tile("Tokens saved", units.count(hour.saved_input_tokens + hour.saved_output_tokens),
        `${units.count(hour.saved_input_tokens)} in, ${units.count(hour.saved_output_tokens)} out`));
      tiles.push(tile("Saved", units.dollars(hour.saved_dollars), `${units.dollars(data.totals.saved_dollars)} since the start`));
    }
    const state = cache.cache_type === null ? "off" : cache.state;
    const reason = known(cache.reason) ? cache.reason : known(cache.round_trip_ms) ? `answers in ${units.milliseconds(cache.round_trip_ms)}` : "";
    tiles.push(tile("Cache backend", state, [cache.cache_type, reason].filter((part) => part).join(" · "), styles[state] ?? ""));
    $("tiles").replaceChildren(...tiles);
  }

  function facts(list) {
    return list.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  }

  function showNow() {
    const { cache, flights, connections, memory } = data;
    put($("now"), ...facts([
      ["Running for", units.duration(data.now / 1000 - data.began)],
      ["Configuration", `generation ${data.generation}`],
      ["Connections", `${units.count(connections.open)} of ${units.count(connections.limit)}`],
      ["Calls to models", `${units.count(flights.calls)}, for ${units.count(flights.requests)} requests`],
      ["Memory of requests", `${units.bytes(memory.held)} of ${units.bytes(memory.limit)}`],
      ["Memory of the process", units.bytes(memory.resident)],
    ]));
    if (cache.cache_type === null) return put($("backend"), ...facts([["Type", "the cache is off"]]));
    put($("backend"), ...facts([
      ["Type", `${cache.cache_type} ${cache.version}`],
      ["State", known(cache.reason) ? `${cache.state}: ${cache.reason}` : cache.state],
      ["Round trip", units.milliseconds(cache.round_trip_ms)],
      ["Namespace", cache.namespace],
      ["Entries", units.count(cache.entries)],
      ["Size", units.bytes(cache.bytes)],
      ["Being stored", `${units.count(cache.pending_stores.entries)} entries, ${units.bytes(cache.pending_stores.bytes)}`],
      ["Purged before", known(cache.purges.before) ? day.format(new Date(cache.purges.before)) : "–"],
    ]));
  }

  /** In which state the backend was, as far back as there are samples. */
  function showBackendHour() {
    const { samples } = data;
    const now = data.now / 1000;
    const x = (time) => Math.max(0, 100 - (100 * (now - time)) / HOUR);
    const spent = {};
    const parts = [draw("rect", { width: 100, height: 10 })];
    samples.time.forEach((time, at) => {
      const state = samples.backend[at];
      if (!known(state)) return;
      spent[state] = (spent[state] ?? 0) + samples.seconds[at];
      const from = x(time - samples.seconds[at]);
      parts.push(draw("rect", { class: state, x: from, width: x(time) - from + 0.05, height: 10 }));
    });
    const text = Object.entries(spent).map(([state, length]) => `${state} for ${units.duration(length)}`).join(", ");
    $("backend-hour").replaceChildren(...(text === "" ? [] : [
      make("p", {}, `In the last hour: ${text}`),
      draw("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, ...parts),
    ]));
  }

  function showModels() {
    const rows = (data.hour ? data.hour.models : []).map((model) => make("tr", {},
      make("td", {}, model.name), make("td", { class: "number" }, units.count(model.requests)),
      make("td", { class: "number" }, units.percent(model.requests > 0 ? (100 * model.hits) / model.requests : null)),
      make("td", { class: "number" }, units.count(model.saved_tokens)), make("td", { class: "number" }, units.dollars(model.saved_dollars))));
    if (rows.length === 0) rows.push(make("tr", {}, make("td", { colspan: "5", class: "empty" }, "No requests yet.")));
    put($("models"), ...rows);
  }

  function showReasons() {
    const reasons = data.hour ? data.hour.reasons : [];
    const most = Math.max(1, ...reasons.map((reason) => reason.count));
    const rows = reasons.map((reason) => make("li", {},
      make("div", { class: "head" }, make("span", {}, reason.reason), make("span", {}, units.count(reason.count))),
      draw("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
        draw("rect", { class: "track", width: 100, height: 6, rx: 1 }),
        draw("rect", { class: "bar", width: Math.max(0.8, (100 * reason.count) / most), height: 6, rx: 1 }))));
    if (rows.length === 0) rows.push(make("li", { class: "empty" }, "None."));
    put($("reasons"), ...rows);
  }

  function showEvents() {
    const today = new Date(data.now).toDateString();
    const rows = data.events.slice().reverse().map((event) => {
      const time = new Date(event.time);
      return make("li", {},
        make("time", { datetime: time.toISOString() }, time.toDateString() === today ? seconds.format(time) : day.format(time)),
        make("span", {}, make("span", { class: `kind ${event.severity}` }, event.severity === "notice" ? event.kind : `${event.kind}: ${event.severity}`),
          make("span", { class: "text" }, event.text)));
    });
    if (rows.length === 0) rows.push(make("li", { class: "empty" }, "None yet."));
    put($("events"), ...rows);
  }

  function showState() {
    say($("version"), data.version);
    const pill = $("state");
    pill.hidden = false;
    pill.className = data.state === "serving" ? "pill" : "pill warn";
    say(pill, data.state);
    say($("freshness"), `Updated ${seconds.format(data.now)}`);
    // What screen readers are told, once in a minute.
    if (data.hour && data.now - spoken > 60000) {
      spoken = data.now;
      const ratio = data.hour.requests > 0 ? (100 * data.hour.hits) / data.hour.requests : null;
      say($("spoken"), `Hit ratio ${units.percent(ratio)}, ${units.count(data.hour.requests)} requests in the last hour. Cache backend ${data.cache.state ?? "off"}.`);
    }
  }

  function show() {
    showState();
    showTiles();
    showNow();
    showEvents();
    $("no-metrics").hidden = data.hour !== null;
    $("plots").hidden = data.hour === null;
    for (const id of ["models", "reasons"]) $(id).closest(".card").hidden = data.hour === null;
    if (data.hour) {
      showModels();
      showReasons();
      showBackendHour();
      for (const plot of plots) plot.show(data.samples, data.now / 1000);
    }
  }

  // The gateway

  async function ask(method, path, body) {
    const headers = {};
    if (key !== null) headers.Authorization = `Bearer ${key}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(base + path, {
      method, headers, body: body ? JSON.stringify(body) : undefined, cache: "no-store", credentials: "omit", redirect: "error",
      referrerPolicy: "no-referrer", signal: AbortSignal.timeout(10000),
    });
    const text = await response.text();
    let json = null;
    try { json = JSON.parse(text); } catch { /* It is not the gateway's. */ }
    return { status: response.status, json, message: json?.error?.message ?? `The answer has status ${response.status}.` };
  }

  function trouble(text) {
    $("trouble").hidden = text === "";
    say($("trouble"), text);
  }

  function lock(error) {
    key = null;
    data = null;
    clearTimeout(timer);
    clearEntry("");
    $("entry-key").value = "";
    $("board").hidden = true;
    $("lock").hidden = true;
    $("state").hidden = true;
    say($("version"), "");
    say($("freshness"), "");
    $("gate").hidden = false;
    say($("key-error"), error);
    $("key").value = "";
    $("key").focus();
  }

  async function load() {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(load, REFRESH);
    const used = key;
    let answer;
    try {
      answer = await ask("GET", "/ui/data");
    } catch {
      if (key !== used) return;
      trouble(data ? `The gateway does not answer. These are the figures of ${seconds.format(data.now)}.` : "The gateway does not answer.");
      return;
    }
    if (key !== used) return;
    if (answer.status === 401) return lock(used === null ? "" : "This is not the master key.");
    if (answer.status === 403) return lock("This key is a tenant's. The page needs the master key.");
    if (answer.status !== 200 || !answer.json) return trouble(answer.message);
    trouble("");
    data = answer.json;
    $("gate").hidden = true;
    $("board").hidden = false;
    $("lock").hidden = key === null;
    show();
  }

  $("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = $("key").value.trim();
    if (!/^[\x21-\x7e]+$/.test(given)) return say($("key-error"), "A key has only letters, digits and signs, without spaces.");
    say($("key-error"), "");
    $("key").value = "";
    key = given;
    load().then(() => { if (data) $("main").focus(); });
  });
  $("lock").addEventListener("click", () => lock(""));
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !$("board").hidden) load(); });

  // An entry

  function clearEntry(error) {
    found = null;
    $("entry").replaceChildren();
    $("entry-delete").hidden = true;
    say($("entry-error"), error);
  }

  async function lookUp() {
    const wanted = $("entry-key").value.trim();
    clearEntry("");
    if (wanted === "") return;
    let answer;
    try {
      answer = await ask("GET", `/cache/entry?key=${encodeURIComponent(wanted)}`);
    } catch {
      return clearEntry("The gateway does not answer.");
    }
    if (answer.status === 401) return lock("This key is not valid any more.");
    if (answer.status !== 200 || !answer.json) return clearEntry(answer.message);
    found = answer.json;
    showEntry(found);
  }

  function showEntry(entry) {
    const time = (text) => (known(text) ? day.format(new Date(text)) : "–");
    const names = (list) => (list && list.length > 0 ? list.join(", ") : "not known");
    const list = [["State", known(entry.detail) ? `${entry.state} (${entry.detail})` : entry.state]];
    if (entry.state !== "unreadable") {
      list.push(
        ["Model", names(entry.models)], ["Tenant", names(entry.tenants)],
        ["Form", entry.form === "stream" ? "a recorded stream" : "an answer in one piece"],
        ["Status", entry.status], ["Content type", entry.content_type],
        ["Tokens", known(entry.tokens) ? `${units.count(entry.tokens.input)} in, ${units.count(entry.tokens.output)} out` : "not known"],
        ["Size", `${units.bytes(entry.body_bytes)}${known(entry.stored_bytes) ? `, ${units.bytes(entry.stored_bytes)} as stored` : ", being stored"}`],
        ["Stored", time(entry.stored_at)], ["Age", units.duration(entry.age_s)],
        ["Time to live", known(entry.ttl_s) ? units.duration(entry.ttl_s) : "for as long as there is room"],
        ["Left of it", known(entry.remaining_s) ? units.duration(entry.remaining_s) : "–"],
        ["Served stale", entry.stale_while_revalidate_s > 0 || entry.stale_if_error_s > 0
          ? `${units.duration(entry.stale_while_revalidate_s)} while refreshed, ${units.duration(entry.stale_if_error_s)} if the model fails` : "never"],
        ["Sealed", entry.sealed ? "yes" : "no"],
      );
    } else {
      list.push(["Size", `${units.bytes(entry.stored_bytes)} as stored`]);
    }
    $("entry").replaceChildren(make("dl", { class: "facts" }, ...facts(list)));
    $("entry-delete").hidden = false;
  }

  async function remove(entry) {
    let answer;
    try {
      answer = await ask("POST", "/cache/delete", { keys: [entry.key] });
    } catch {
      return say($("entry-error"), "The gateway does not answer; the entry may not be deleted.");
    }
    if (answer.status !== 200) return say($("entry-error"), answer.message);
    clearEntry("");
    $("entry").replaceChildren(make("p", {}, "The entry is deleted."));
    $("entry-key").focus();
  }

  $("entry-form").addEventListener("submit", (event) => { event.preventDefault(); lookUp(); });
  $("entry-delete").addEventListener("click", () => {
    if (!found) return;
    say($("confirm-key"), found.key);
    $("confirm").showModal();
    $("confirm-no").focus();
  });
  $("confirm-no").addEventListener("click", () => $("confirm").close());
  $("confirm-yes").addEventListener("click", () => {
    $("confirm").close();
    if (found) remove(found);
  });

  if (document.documentElement.dataset.key === "needed") lock(""); else load();
})();</script>
</body>
</html>
"""###
}
