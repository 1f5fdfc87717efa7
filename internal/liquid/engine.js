// What Destination Actions configure LiquidJS with, and what Node has that LiquidJS asks for. `host` is functions written in Go.
(function (load, host) {
  const modules = {
    crypto: {
      createHash: () => ({ update: (text) => ({ digest: () => host.sha256(text) }) }),
      createHmac: (_, key) => ({ update: (text) => ({ digest: () => host.hmacSha256(key, text) }) }),
    },
  }
  const buffer = {
    isBuffer: () => false,
    from: (text, encoding) => ({ toString: () => (encoding === 'base64' ? host.base64Decode(text) : host.base64Encode(text)) }),
  }
  globalThis.global = { performance: { now: host.now } } // the clock of LiquidJS's bound on time
  const liquidjs = {}
  load(liquidjs, (name) => modules[name] || {}, buffer, { warn() {} })

  // What this engine lacks, or does otherwise than Node.
  String.prototype.toUpperCase = function () {
    return host.upper(String(this))
  }
  String.prototype.toLowerCase = function () {
    return host.lower(String(this))
  }
  for (const name of ['encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent']) {
    const native = globalThis[name]
    globalThis[name] = (text) => {
      try {
        return native(text)
      } catch (_) {
        throw new URIError('URI malformed')
      }
    }
  }
  const two = (number) => String(number).padStart(2, '0')
  const day = (date) => `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`
  const hour = (date) =>
    `${date.getUTCHours() % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${date.getUTCHours() < 12 ? 'AM' : 'PM'}`
  const local = (date) => new Date(+date - date.getTimezoneOffset() * 60000)
  Date.prototype.toLocaleDateString = function () {
    return isNaN(this) ? 'Invalid Date' : day(local(this))
  }
  Date.prototype.toLocaleTimeString = function () {
    return isNaN(this) ? 'Invalid Date' : hour(local(this))
  }
  Date.prototype.toLocaleString = function (_, options) {
    if (isNaN(this)) return 'Invalid Date'
    if (!options || !options.timeZone) return `${day(local(this))}, ${hour(local(this))}`
    const offset = host.zoneOffset(options.timeZone, +this)
    if (isNaN(offset)) throw new RangeError(`Invalid time zone specified: ${options.timeZone}`)
    return new Date(+this + offset).toISOString() // is read by LiquidJS alone
  }

  // In UTC whatever the machine's time zone is. A text may not be longer than a mebibyte, so a part of the memory that Segment grants is plenty.
  const engine = new liquidjs.Liquid({ renderLimit: 500, parseLimit: 1000, memoryLimit: 4e6, timezoneOffset: 'UTC' })
  for (const tag of ['case', 'for', 'include', 'layout', 'render', 'tablerow']) {
    const refuse = () => {
      throw new Error(`tag "${tag}" is disabled`)
    }
    engine.registerTag(tag, { parse: refuse, render: refuse })
  }
  const filters =
    'array_to_sentence_string concat find find_exp find_index find_index_exp group_by group_by_exp has has_exp map newline_to_br ' +
    'reject reject_exp reverse sort sort_natural uniq where_exp type'
  for (const filter of filters.split(' ')) {
    engine.registerFilter(filter, () => {
      throw new Error(`filter "${filter}" is disabled`)
    })
  }
  // LiquidJS's regular expressions for these modes have classes of Unicode, which this engine cannot read.
  const kept = new Map([['default', ''], ['latin', ''], ['pretty', "._~!$&'()+,;=@"]])
  const plain = new Map(
    Object.entries({ a: 'àáâãäå', ae: 'æ', c: 'ç', e: 'èéêë', i: 'ìíîï', d: 'ð', n: 'ñ', o: 'òóôõöø', u: 'ùúûü', y: 'ýÿ', ss: 'ß', oe: 'œ', th: 'þ', SS: 'ẞ', OE: 'Œ', TH: 'Þ' })
      .flatMap(([letters, accented]) => Array.from(accented, (char) => [char, letters])),
  )
  const slugify = engine.filters.slugify
  engine.registerFilter('slugify', function (value, mode = 'default', cased = false) {
    if (!kept.has(mode)) return slugify.call(this, value, mode, cased)
    let out = ''
    for (const char of slugify.call(this, value, 'none', true)) {
      const word = mode === 'latin' && plain.has(char) ? plain.get(char) : char
      if (host.isWord(word) || kept.get(mode).includes(word)) out += word
      else if (!out.endsWith('-')) out += '-'
    }
    out = out.replace(/^-|-$/g, '')
    return cased ? out : out.toLowerCase()
  })
  return {
    parse: (text) => engine.parse(text),
    render: (template, event) => engine.renderSync(template, event),
  }
})
