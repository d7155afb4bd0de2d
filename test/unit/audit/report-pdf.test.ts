import { createHash } from 'node:crypto'
import { PDFDict, PDFDocument, PDFName } from 'pdf-lib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { printable } from '../../../electron/node/provenance/audit/pdf/printable.ts'
import { reportPdf } from '../../../electron/node/provenance/audit/pdf/report-pdf.ts'
import { type AuditedNode, answer, Publisher, START, startAuditedNode } from './audited-node.ts'

let node: AuditedNode
let report: string

beforeAll(async () => {
  node = await startAuditedNode()
  const honest = new Publisher('honest (\u202e) Tj ET')
  const stranger = new Publisher('stranger')
  node.permissions.answer = (_stream, publisher) =>
    answer(publisher === stranger.address ? 'denied' : 'permitted', 5, {
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
    })
  await node.ingest([
    await honest.next({ at: START }),
    await honest.one({ at: START + 2, previous: { timestamp: START + 1, sequence: 0 } }),
    await stranger.next({ at: START + 3 }),
  ])
  report = `${JSON.stringify(await node.audit({ from: START, to: START + 10 }), null, 2)}\n`
}, 60_000)
afterAll(() => node.stop())

describe('a report as PDF', () => {
  it('is the same bytes whenever it is made of the same report', async () => {
    const [first, second] = [await reportPdf(report), await reportPdf(report)]
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(digest(first)).toBe(digest(second))
    expect(Buffer.from(first.subarray(0, 5)).toString()).toBe('%PDF-')
  })

  it('opens, carries the signed report, and has nothing that acts', async () => {
    const bytes = await reportPdf(report)
    const document = await PDFDocument.load(bytes)
    expect(document.getPageCount()).toBeGreaterThan(0)
    expect(document.getCreationDate()?.getTime()).toBe(Math.floor(JSON.parse(report).made.at / 1_000) * 1_000)
    const names = document.catalog.lookup(PDFName.of('Names'), PDFDict)
    expect(names.keys().map(String)).toEqual(['/EmbeddedFiles'])
    const text = Buffer.from(bytes).toString('latin1')
    for (const action of ['/JavaScript', '/JS', '/Launch', '/URI', '/OpenAction', '/AA']) {
      expect(text.includes(action), action).toBe(false)
    }
    expect(text).not.toContain('Tj ET) Tj')
  })
})

describe('what a stranger wrote, in print', () => {
  const glyphs = new Set([...'abc \\u{}0123456789"().'].map((character) => character.codePointAt(0) ?? 0))

  it('stands as code points where the font has no glyph, and ends somewhere', () => {
    expect(printable('a\u202eb\u0000c\n', glyphs)).toBe('a\\u{202e}b\\u{0}c\\u{a}')
    expect(printable('𝔞', glyphs)).toBe('\\u{1d51e}')
    expect(printable('a'.repeat(100_000), glyphs).length).toBeLessThan(700)
  })
})
