// Records anew what LiquidJS makes of the templates in recorded.json, run by Node and set up as Destination Actions set it up:
//   TZ=UTC node internal/liquid/testdata/record.cjs
const fs = require('fs')
const path = require('path')
const { Liquid } = require('../liquidjs/liquid.node.js')

const engine = new Liquid({ renderLimit: 500, parseLimit: 1000, memoryLimit: 1e8 })
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

const file = path.join(__dirname, 'recorded.json')
const { event, cases } = JSON.parse(fs.readFileSync(file, 'utf8'))
const lines = cases.map(({ template }) => {
  try {
    return JSON.stringify({ template, text: engine.parseAndRenderSync(template, structuredClone(event)) })
  } catch (error) {
    return JSON.stringify({ template, error: error.message })
  }
})
fs.writeFileSync(file, `{"event":${JSON.stringify(event)},"cases":[\n${lines.join(',\n')}\n]}\n`)
