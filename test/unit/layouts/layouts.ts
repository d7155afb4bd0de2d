import type { Layout } from '../../../shared/layout.ts'

export const PART = '0x0000000000000000000000000000000000000001/engine#0'

export function aLayout(): Layout {
  return {
    version: 1,
    name: 'Engine room',
    panels: [
      {
        id: 'temperature',
        kind: 'line',
        title: 'Temperature <b>',
        unit: '°C',
        series: [
          { kind: 'field', part: PART, publisher: null, field: 'engine.temperature', name: null },
          {
            kind: 'expression',
            name: 'Rise',
            text: 'rate(a)',
            inputs: { a: { part: PART, publisher: null, field: 'engine.temperature' } },
          },
        ],
        place: { x: 0, y: 0, w: 6, h: 6 },
        min: null,
        max: null,
      },
      {
        id: 'log',
        kind: 'messages',
        title: '',
        unit: null,
        series: [{ kind: 'messages', part: PART, publisher: null }],
        place: { x: 6, y: 0, w: 6, h: 6 },
        min: null,
        max: null,
      },
    ],
  }
}
