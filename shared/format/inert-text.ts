/**
 * Spreadsheets run a cell that begins with one of these as a formula; the wide forms count in some languages. Where a
 * list separator other than the comma is set, a cell may also begin behind a semicolon, tab, bar or line break within
 * a text. The apostrophe is among them so that what is put in can be taken out again.
 */
const START_OF_FORMULA = /(^|[;\t\r\n|])([\p{Z}\p{C}]*)(?=['=+\-@＝＋－＠])/gu
const INERT_START = /(^|[;\t\r\n|])([\p{Z}\p{C}]*)'(?=['=+\-@＝＋－＠])/gu

/** A text that no spreadsheet takes for a formula: an apostrophe stands before whatever could begin one. */
export function toInertText(text: string): string {
  return text.replace(START_OF_FORMULA, "$1$2'")
}

/** The text as it was before `toInertText`. */
export function fromInertText(text: string): string {
  return text.replace(INERT_START, '$1$2')
}
