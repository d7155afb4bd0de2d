import type Sqlite from 'better-sqlite3'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { readRuleSet, writeRuleSet } from '../../../../shared/rules/rule-set.ts'
import type { BlindSpan } from '../evaluator/blind-spans.ts'
import { SAVED_PART_VERSION, type SavedPart } from '../evaluator/saved-part.ts'

/** Spans beyond which no rule looks back are forgotten. */
const MAX_KEPT_SPANS = 64

/** Rules, and what they remember, on disk. */
export class SavedState {
  readonly #db: Sqlite.Database
  readonly #setFactText
  readonly #savePartText
  readonly #addSpan
  readonly #forgetSpans

  constructor(db: Sqlite.Database) {
    this.#db = db
    this.#setFactText = db.prepare(
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    )
    this.#savePartText = db.prepare(
      'INSERT INTO saved_parts (part, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
    )
    this.#addSpan = db.prepare('INSERT INTO blind_spans (from_ms, to_ms) VALUES (?, ?)')
    this.#forgetSpans = db.prepare(
      'DELETE FROM blind_spans WHERE id <= (SELECT max(id) FROM blind_spans) - ?',
    )
  }

  rules(): Rule[] {
    const text = this.#fact('rules')
    if (text === undefined) return []
    const { rules, problem } = readRuleSet(text)
    if (problem !== undefined) throw new Error(`The kept rules cannot be read. ${problem}`)
    return rules
  }

  setRules(rules: readonly Rule[]): void {
    this.#setFact('rules', writeRuleSet(rules))
  }

  /** When somebody last watched, by this node's clock, ms. */
  watchedUntil(): number | undefined {
    const text = this.#fact('watched-until')
    return text === undefined ? undefined : Number(text)
  }

  setWatchedUntil(now: number): void {
    this.#setFact('watched-until', String(now))
  }

  blindSpans(): BlindSpan[] {
    return this.#db
      .prepare<[number], BlindSpan>(
        'SELECT from_ms AS "from", to_ms AS "to" FROM (SELECT * FROM blind_spans ORDER BY id DESC LIMIT ?) ORDER BY id',
      )
      .all(MAX_KEPT_SPANS)
  }

  addBlindSpan({ from, to }: BlindSpan): void {
    this.#addSpan.run(from, to)
    this.#forgetSpans.run(MAX_KEPT_SPANS)
  }

  /** Undefined where nothing is saved, or in another form than this code's. */
  part(part: string): SavedPart | undefined {
    const text = this.#db
      .prepare<[string], string>('SELECT body FROM saved_parts WHERE part = ?')
      .pluck()
      .get(part)
    if (text === undefined) return undefined
    const saved = JSON.parse(text) as SavedPart
    return saved.version === SAVED_PART_VERSION ? saved : undefined
  }

  /** @returns how long the text is */
  savePart(part: string, saved: SavedPart): number {
    const text = JSON.stringify(saved)
    this.#savePartText.run(part, text)
    return text.length
  }

  forgetParts(kept: ReadonlySet<string>): void {
    const parts = this.#db.prepare<[], string>('SELECT part FROM saved_parts').pluck().all()
    const forget = this.#db.prepare('DELETE FROM saved_parts WHERE part = ?')
    for (const part of parts) if (!kept.has(part)) forget.run(part)
  }

  #fact(name: string): string | undefined {
    return this.#db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck().get(name)
  }

  #setFact(name: string, value: string): void {
    this.#setFactText.run(name, value)
  }
}
