import { type PDFDocument, type PDFFont, type PDFPage, type RGB, rgb, StandardFonts } from 'pdf-lib'
import { printable } from './printable.ts'

/** A4 in points, and its margins. */
const WIDTH = 595.28
const HEIGHT = 841.89
const MARGIN = 48
const FOOT = 40

/** Pages beyond which the rest is left to the signed report. */
const MAX_PAGES = 200

export const INK = rgb(0.082, 0.102, 0.129)
export const MUTED = rgb(0.353, 0.4, 0.459)
const LINE = rgb(0.867, 0.882, 0.906)

const BODY_SIZE = 9
const LEADING = 1.45

export interface Column {
  title: string
  /** Share of the width. */
  share: number
  isCode?: boolean
  isNumber?: boolean
}

interface Style {
  size?: number
  colour?: RGB
  isBold?: boolean
  isCode?: boolean
}

/** Pages that are written from top to bottom with headings, paragraphs and tables. */
export class Sheet {
  readonly #document: PDFDocument
  readonly #fonts: { body: PDFFont; bold: PDFFont; code: PDFFont }
  readonly #glyphs: ReadonlySet<number>
  #page: PDFPage
  #y = HEIGHT - MARGIN
  /** Rows and paragraphs that found no room. */
  leftOut = 0

  private constructor(document: PDFDocument, fonts: { body: PDFFont; bold: PDFFont; code: PDFFont }) {
    this.#document = document
    this.#fonts = fonts
    this.#glyphs = new Set(fonts.body.getCharacterSet())
    this.#page = document.addPage([WIDTH, HEIGHT])
  }

  static async on(document: PDFDocument): Promise<Sheet> {
    return new Sheet(document, {
      body: await document.embedFont(StandardFonts.Helvetica),
      bold: await document.embedFont(StandardFonts.HelveticaBold),
      code: await document.embedFont(StandardFonts.Courier),
    })
  }

  heading(text: string, size = 13): void {
    this.gap(size * 0.9)
    this.#paragraph(text, { size, isBold: true }, size * 2 + 40)
    this.gap(3)
  }

  text(text: string, style: Style = {}): void {
    this.#paragraph(text, style, 0)
  }

  gap(points: number): void {
    this.#y -= points
  }

  /** Names and values in two columns. */
  facts(facts: readonly (readonly [name: string, value: string, isCode?: boolean])[]): void {
    for (const [name, value, isCode = false] of facts) {
      const lines = this.#wrap(value, WIDTH - 2 * MARGIN - 130, { isCode })
      if (!this.#room(lines.length * BODY_SIZE * LEADING)) return
      this.#draw(name, MARGIN, this.#y, { colour: MUTED })
      for (const line of lines) {
        this.#draw(line, MARGIN + 130, this.#y, { isCode })
        this.#y -= BODY_SIZE * LEADING
      }
    }
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const total = columns.reduce((sum, { share }) => sum + share, 0)
    const widths = columns.map(({ share }) => ((WIDTH - 2 * MARGIN) * share) / total)
    this.#row(
      columns.map((column) => ({ ...column, isCode: false })),
      widths,
      columns.map(({ title }) => title),
      { colour: MUTED },
    )
    this.#rule()
    for (const row of rows) this.#row(columns, widths, row, {})
    this.gap(4)
  }

  /** Numbers the pages, with a line at the foot of each. */
  finish(foot: string): void {
    const pages = this.#document.getPages()
    for (const [at, page] of pages.entries()) {
      this.#page = page
      this.#draw(foot, MARGIN, FOOT - 16, { size: 7, colour: MUTED, isCode: true })
      const number = `${at + 1} / ${pages.length}`
      const width = this.#fonts.body.widthOfTextAtSize(number, 8)
      this.#draw(number, WIDTH - MARGIN - width, FOOT - 16, { size: 8, colour: MUTED })
    }
  }

  #paragraph(text: string, style: Style, keepWith: number): void {
    const size = style.size ?? BODY_SIZE
    const lines = this.#wrap(text, WIDTH - 2 * MARGIN, style)
    for (const [at, line] of lines.entries()) {
      if (!this.#room(at === 0 ? Math.max(keepWith, size * LEADING) : size * LEADING)) return
      this.#draw(line, MARGIN, this.#y, style)
      this.#y -= size * LEADING
    }
  }

  #row(columns: readonly Column[], widths: readonly number[], cells: readonly string[], style: Style): void {
    const size = 8
    const wrapped = columns.map(({ isCode = false }, at) =>
      this.#wrap(cells[at] ?? '', (widths[at] ?? 0) - 6, { ...style, size, isCode }),
    )
    const height = Math.max(...wrapped.map((lines) => lines.length)) * size * LEADING + 2
    if (!this.#room(height)) return
    let x = MARGIN
    for (const [at, { isCode = false, isNumber = false }] of columns.entries()) {
      const width = widths[at] ?? 0
      for (const [line, text] of (wrapped[at] ?? []).entries()) {
        const own = { ...style, size, isCode }
        const shift = isNumber ? width - 6 - this.#widthOf(text, own) : 0
        this.#draw(text, x + Math.max(0, shift), this.#y - line * size * LEADING, own)
      }
      x += width
    }
    this.#y -= height
  }

  #rule(): void {
    const y = this.#y + 6
    this.#page.drawLine({
      start: { x: MARGIN, y },
      end: { x: WIDTH - MARGIN, y },
      thickness: 0.6,
      color: LINE,
    })
    this.#y -= 4
  }

  /** Begins a page where the rest of this one is too short; false when there are no more pages. */
  #room(height: number): boolean {
    if (this.#y - height >= FOOT + 6) return true
    if (this.#document.getPageCount() >= MAX_PAGES) {
      this.leftOut += 1
      return false
    }
    this.#page = this.#document.addPage([WIDTH, HEIGHT])
    this.#y = HEIGHT - MARGIN
    return true
  }

  #draw(text: string, x: number, y: number, style: Style): void {
    const { size = BODY_SIZE, colour = INK } = style
    this.#page.drawText(printable(text, this.#glyphs), {
      x,
      y,
      size,
      font: this.#fontOf(style),
      color: colour,
    })
  }

  #fontOf({ isBold = false, isCode = false }: Style): PDFFont {
    if (isCode) return this.#fonts.code
    return isBold ? this.#fonts.bold : this.#fonts.body
  }

  #widthOf(text: string, style: Style): number {
    return this.#fontOf(style).widthOfTextAtSize(printable(text, this.#glyphs), style.size ?? BODY_SIZE)
  }

  /** Lines no wider than `width`: broken between words, and within what is one long word. */
  #wrap(text: string, width: number, style: Style): string[] {
    const lines: string[] = []
    let line = ''
    for (const word of printable(text, this.#glyphs).split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (this.#widthOf(longer, style) <= width) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = word
      while (this.#widthOf(line, style) > width && line.length > 1) {
        const fits = this.#fitting(line, width, style)
        lines.push(line.slice(0, fits))
        line = line.slice(fits)
      }
    }
    lines.push(line)
    return lines
  }

  #fitting(word: string, width: number, style: Style): number {
    let fits = word.length - 1
    while (fits > 1 && this.#widthOf(word.slice(0, fits), style) > width) fits = Math.floor(fits * 0.9)
    return fits
  }
}
