/** What is chosen, until the server's value is as new: since undefined, the answer is still to come. */
export interface Chosen<V> {
  value: V
  since?: number
}

interface ChooserOptions<V> {
  /** Saves a choice, and tells from which version on the server's value has it. */
  save: (value: V) => Promise<number>
  show: (chosen: Chosen<V> | undefined) => void
  refused: (problem: unknown) => void
}

/**
 * Saves one choice after the other, so that the last one holds; those between that nobody waits for are passed over.
 */
export class Chooser<V> {
  private waiting: { value: V } | undefined
  private running = false
  private readonly options: ChooserOptions<V>

  constructor(options: ChooserOptions<V>) {
    this.options = options
  }

  choose(value: V): void {
    this.waiting = { value }
    this.options.show({ value })
    if (!this.running) void this.run()
  }

  private async run(): Promise<void> {
    this.running = true
    for (let next = this.take(); next !== undefined; next = this.take()) {
      try {
        const since = await this.options.save(next.value)
        if (this.waiting === undefined) this.options.show({ value: next.value, since })
      } catch (problem) {
        this.options.refused(problem)
        if (this.waiting === undefined) this.options.show(undefined)
      }
    }
    this.running = false
  }

  private take(): { value: V } | undefined {
    const next = this.waiting
    this.waiting = undefined
    return next
  }
}

/** Whether a choice still stands over the server's value, which is of a version. */
export function stands<V>(chosen: Chosen<V> | undefined, version: number): chosen is Chosen<V> {
  return chosen !== undefined && (chosen.since === undefined || version < chosen.since)
}
