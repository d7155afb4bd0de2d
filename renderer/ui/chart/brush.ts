/**
 * What painters draw with: the part of a canvas that a picture for print can have as well (`svg-brush.ts`), said without
 * the page's own types, so that painters are tested where there is no page.
 */
export interface Brush {
  save(): void
  restore(): void
  beginPath(): void
  closePath(): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  rect(x: number, y: number, width: number, height: number): void
  arc(x: number, y: number, radius: number, start: number, end: number): void
  clip(): void
  fill(): void
  stroke(): void
  fillRect(x: number, y: number, width: number, height: number): void
  strokeRect(x: number, y: number, width: number, height: number): void
  fillText(text: string, x: number, y: number): void
  setLineDash(segments: number[]): void
  /** Painters put in colours as CSS writes them; a canvas may hold other things. */
  fillStyle: unknown
  strokeStyle: unknown
  globalAlpha: number
  lineWidth: number
  lineJoin: 'bevel' | 'miter' | 'round'
  font: string
  textAlign: 'left' | 'right' | 'center' | 'start' | 'end'
  textBaseline: 'alphabetic' | 'bottom' | 'hanging' | 'ideographic' | 'middle' | 'top'
}

export const LABEL_FONT = "11px 'Inter Variable', system-ui, sans-serif"
