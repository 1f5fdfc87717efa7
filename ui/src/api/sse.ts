/** One message of a stream of server-sent events. */
export interface Message {
  event: string
  id: string
  data: string
}

/** Reads server-sent events out of text that comes in pieces; a piece may end anywhere. */
export class MessageReader {
  private rest = ''

  push(piece: string): Message[] {
    const text = this.rest + piece
    const out: Message[] = []
    let from = 0
    for (let end = text.indexOf('\n\n', from); end >= 0; end = text.indexOf('\n\n', from)) {
      const message = parse(text.slice(from, end))
      if (message !== null) out.push(message)
      from = end + 2
    }
    this.rest = text.slice(from)
    return out
  }
}

function parse(block: string): Message | null {
  const message = { event: 'message', id: '', data: '' }
  let some = false
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue // a comment
    const name = line.slice(0, colon)
    const value = line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1))
    if (name === 'data') {
      message.data += (some ? '\n' : '') + value
      some = true
    } else if (name === 'event') message.event = value
    else if (name === 'id') message.id = value
  }
  return some ? message : null
}
