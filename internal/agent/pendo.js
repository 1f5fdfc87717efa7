// Penstock's browser agent. It speaks the wire format of Pendo's, and does less: visitor, account and Track Events.
(() => {
  "use strict";
  const ANONYMOUS = "_PENDO_T_", EVENTS_MAX = 1000, BATCH_CHARS = 40000, RETRIES_MAX = 8;
  const src = (document.currentScript || {}).src || "";
  const [, host = location.origin, key = ""] = /^(.*)\/agent\/static\/([^/?#]+)\/pendo\.js/.exec(src) || [];
  const loader = window.pendo || {};
  const pendo = (window.pendo = {});
  const state = { key, host, visitor: {}, account: {}, parentAccount: {}, ready: false, sequence: 0, meta: "" };
  let queue = [], timer = 0, sending = null, tries = 0;

  const random = (n) => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let s = "";
    while (s.length < n) for (const b of crypto.getRandomValues(new Uint8Array(n))) if (b < 248 && s.length < n) s += letters[b % 62];
    return s;
  };
  const warn = (text) => console.warn("[penstock] " + text);

  // Storage may be forbidden; then everything holds as long as the page.
  const memory = {};
  const read = (area, name) => {
    try {
      const text = window[area].getItem(name);
      const kept = text && text[0] === "{" ? JSON.parse(text) : { value: text };
      return kept.ttl && kept.ttl < Date.now() ? null : kept.value;
    } catch {
      return memory[name] || null;
    }
  };
  const write = (area, name, value) => {
    memory[name] = value;
    try {
      window[area].setItem(name, JSON.stringify({ ttl: Date.now() + 8.64e9, value })); // 100 days
    } catch {} // in memory
  };
  const kept = (name, n) => {
    const value = read("sessionStorage", name) || random(n);
    write("sessionStorage", name, value);
    return value;
  };
  const tab = kept("_pendo_tabId", 16), session = kept("_pendo_sessionId", 16), frame = random(16);

  const isID = (v) => (typeof v === "string" && v.trim() !== "" && v !== "::") || typeof v === "number";
  const isAnonymous = (id) => id.startsWith(ANONYMOUS);
  const place = (name) => "_pendo_" + name + "." + state.key;

  const put = (type, props, more) => {
    if (queue.length >= EVENTS_MAX) return warn("too many events wait; the newest is dropped");
    queue.push({
      type, browser_time: Date.now(), visitor_id: pendo.getVisitorId(), account_id: pendo.getAccountId() || null, url: location.href, title: document.title, props,
      parentTabId: null, tabId: tab, frameId: frame, sessionId: session, sequence: state.sequence++, ...more,
    });
    timer = timer || setTimeout(pendo.flushNow, 1000);
  };

  // jzb: JSON, compressed as RFC 1950 has it, in base64url without padding.
  const base64url = (bytes) => {
    let s = "";
    for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(s).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const deflate = async (bytes) =>
    new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer());
  // The same without compression, for browsers that have none, and for pages that end now.
  const store = (bytes) => {
    const out = [0x78, 0x01];
    for (let i = 0; i === 0 || i < bytes.length; i += 65535) {
      const n = Math.min(65535, bytes.length - i);
      out.push(i + n === bytes.length ? 1 : 0, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255);
      for (let k = i; k < i + n; k++) out.push(bytes[k]);
    }
    let a = 1, b = 0;
    for (const byte of bytes) b = (b + (a = (a + byte) % 65521)) % 65521;
    out.push(b >> 8, b & 255, a >> 8, a & 255);
    return new Uint8Array(out);
  };

  const take = () => {
    let n = 0, size = 0;
    while (n < queue.length && (n === 0 || size < BATCH_CHARS)) size += JSON.stringify(queue[n++]).length;
    return queue.splice(0, n);
  };
  const post = (packed) =>
    fetch(`${state.host}/data/ptm.gif/${state.key}?v=penstock&ct=${Date.now()}`, { method: "POST", keepalive: true, body: JSON.stringify({ events: base64url(packed) }) });
  const encode = (events) => new TextEncoder().encode(JSON.stringify(events));

  // What the server refuses is dropped, and said; what it cannot take now is sent again.
  const send = async (events) => {
    let answer = null;
    try {
      const bytes = encode(events);
      answer = await post(window.CompressionStream ? await deflate(bytes) : store(bytes));
    } catch {} // not reached
    if (answer && answer.ok) return (tries = 0);
    if (answer && answer.status < 500 && answer.status !== 429) {
      const said = await answer.json().catch(() => ({}));
      return warn(`${events.length} events were refused: ${said.message || answer.status}`);
    }
    if (tries >= RETRIES_MAX) return warn(`${events.length} events were not sent: the server cannot be reached`);
    queue.unshift(...events);
    timer = timer || setTimeout(pendo.flushNow, Math.min(64, 2 ** tries++) * 1000);
  };
  const drain = async () => {
    while (state.ready && queue.length && !timer) await send(take());
  };
  const leave = (e) => {
    const ends = e.type === "pagehide" || document.visibilityState === "hidden";
    while (ends && state.ready && queue.length) post(store(encode(take()))).catch(() => {});
  };

  // become makes a visitor and an account those of now: strings, or objects with an id.
  const become = (visitor, account, parentAccount) => {
    const before = { visitor: state.visitor.id, account: state.account.id };
    const next = (was, v) => {
      const fields = v && typeof v === "object" ? v : v === undefined || v === null ? {} : { id: v };
      const id = isID(fields.id) ? String(fields.id) : was.id;
      return { ...(id === was.id ? was : {}), ...fields, id }; // the metadata of one is never taken over by another
    };
    state.visitor = next(state.visitor, visitor);
    state.account = next(state.account, account);
    if (state.account.id === undefined) delete state.account.id;
    if (parentAccount) state.parentAccount = { ...state.parentAccount, ...parentAccount };
    write("localStorage", place("visitorId"), state.visitor.id);
    if (state.account.id) write("localStorage", place("accountId"), state.account.id);
    const changed = before.visitor !== state.visitor.id && isAnonymous(before.visitor);
    if (changed || before.account !== state.account.id)
      put("identify", { ...(changed && { old_visitor_id: before.visitor }), old_account_id: before.account || null, visitor_id: state.visitor.id, account_id: state.account.id || null });
    const { visitor: v, account: a, parentAccount: p } = state;
    const meta = { visitor: { ...v, language: navigator.language.replace("-", "_") }, account: { ...a }, parentAccount: { ...p } };
    if (JSON.stringify(meta) !== state.meta) put("meta", { ...meta, version: "penstock", selfHosted: true });
    state.meta = JSON.stringify(meta);
  };

  Object.assign(pendo, {
    initialize(options = {}) {
      if (state.ready) return warn("initialize was called twice; use identify or updateOptions");
      state.key = options.apiKey || state.key;
      state.host = (options.dataHost || state.host).replace(/\/$/, "");
      if (!/^[a-z]+:/.test(state.host)) state.host = "https://" + state.host;
      if (!state.key) return warn("there is no apiKey; nothing is sent");
      const last = read("localStorage", place("visitorId"));
      state.visitor = { id: last && isAnonymous(last) ? last : ANONYMOUS + random(11) };
      const given = options.visitor || {};
      if (last && !isAnonymous(last)) state.visitor = { id: isID(given.id) ? String(given.id) : last };
      state.ready = true;
      become(options.visitor, options.account, options.parentAccount);
      put("load", { load_time: performance.now() });
    },
    identify(visitor, account) {
      const both = visitor && (visitor.visitor || visitor.account);
      const id = both ? (visitor.visitor || {}).id : visitor && typeof visitor === "object" ? visitor.id : visitor;
      if (!state.ready || !isID(id)) return warn("identify needs initialize before it, and a visitor with an id");
      both ? become(visitor.visitor, visitor.account, visitor.parentAccount) : become(visitor, account);
    },
    updateOptions(options = {}) {
      if (!state.ready) return warn("updateOptions needs initialize before it");
      become(options.visitor, options.account, options.parentAccount);
    },
    track(name, props) {
      if (!state.ready || typeof name !== "string" || !name) return warn("track needs initialize before it, and a name");
      put("track", props === undefined || props === null ? {} : typeof props === "object" ? props : { __err__: props }, { track_event_name: name });
    },
    pageLoad() {
      if (state.ready) put("load", { load_time: performance.now() });
    },
    flushNow() {
      clearTimeout(timer);
      timer = 0;
      sending = sending || drain().finally(() => (sending = null));
      return sending;
    },
    isReady: () => state.ready,
    getVisitorId: () => state.visitor.id || "",
    getAccountId: () => state.account.id || "",
  });

  document.addEventListener("visibilitychange", leave);
  addEventListener("pagehide", leave);
  for (const [method, ...args] of loader._q || []) if (pendo[method]) pendo[method](...args);
})();
