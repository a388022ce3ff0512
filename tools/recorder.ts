/**
 * What tests get instead of `node:test` while mutants are tried: it notes each test, so that the same process can run them
 * again and again, in another order, up to the first that fails. It knows as much of `node:test` as those tests use.
 */
type Context = {
  readonly name: string
  after(work: Work): void
  diagnostic(): void
  test(name: string, work: Work): Promise<void>
}
type Work = (context: Context) => unknown
export type Recorded = { readonly name: string; readonly work: Work }

let recorded: Recorded[] = []
let endings: (() => unknown)[] = []

export function test(name: string, work: Work): void {
  recorded.push({ name, work })
}

export function after(work: () => unknown): void {
  endings.push(work)
}

/** The tests that were noted since the last time this was asked, and how to tidy up after all of them. */
export function handOver(): { readonly tests: readonly Recorded[]; readonly endings: readonly (() => unknown)[] } {
  const over = { tests: recorded, endings }
  recorded = []
  endings = []
  return over
}

/** Runs one test to its end; it rejects with what the test threw. */
export async function runOne({ name, work }: Recorded): Promise<void> {
  const left: Work[] = []
  const context: Context = {
    name,
    after: (ending) => void left.push(ending),
    diagnostic: () => {},
    test: (inner, innerWork) => runOne({ name: inner, work: innerWork }),
  }
  try {
    await work(context)
  } finally {
    for (const ending of left) await ending(context)
  }
}
