/** Colour arithmetic for tests: WCAG contrast, OKLab distance, simulated colour-vision deficiency. */

type Triple = readonly [number, number, number]

function channels(hex: string): Triple {
  const at = (index: number) => Number.parseInt(hex.slice(index, index + 2), 16) / 255
  return [at(1), at(3), at(5)]
}

function linear(hex: string): Triple {
  const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const [r, g, b] = channels(hex)
  return [toLinear(r), toLinear(g), toLinear(b)]
}

/** Contrast ratio by WCAG 2.2, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** `colour` laid over `ground` at an opacity. */
export function mixed(colour: string, ground: string, opacity: number): string {
  const [top, bottom] = [channels(colour), channels(ground)]
  const hex = top.map((value, index) => {
    const mix = value * opacity + (bottom[index] ?? 0) * (1 - opacity)
    return Math.round(mix * 255)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${hex.join('')}`
}

function oklab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear light. */
export const VISIONS: Record<string, readonly Triple[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

/** Distance of two colours in OKLab as somebody with that vision sees them; 0.02 is just noticeable side by side. */
export function seenDistance(a: string, b: string, vision: readonly Triple[]): number {
  const seen = (hex: string): Triple => {
    const light = linear(hex)
    const row = (weights: Triple | undefined) =>
      Math.min(
        1,
        Math.max(
          0,
          (weights ?? [0, 0, 0]).reduce((sum, weight, index) => sum + weight * (light[index] ?? 0), 0),
        ),
      )
    return oklab([row(vision[0]), row(vision[1]), row(vision[2])])
  }
  const [x, y] = [seen(a), seen(b)]
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2])
}
