// Draws the PNG and ICO files of `icons/` from the SVG sources beside this file. Run it after changing one:
//   node resources/make-icons.mjs /path/to/chromium
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { chromium } from '@playwright/test'

const here = new URL('./', import.meta.url)
const icons = new URL('icons/', here)
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256]

const executablePath = process.argv[2]
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox'],
})
const page = await browser.newPage()

async function draw(source, size, color = 'black') {
  const svg = await readFile(new URL(source, here), 'utf8')
  await page.setViewportSize({ width: size, height: size })
  const style = `<style>body{margin:0;color:${color}}svg{display:block;width:${size}px;height:${size}px}</style>`
  await page.setContent(style + svg)
  return page.screenshot({ omitBackground: true })
}

/** An ICO is a list of PNGs behind a small directory. */
function toIco(images) {
  const directory = Buffer.alloc(6 + 16 * images.length)
  directory.writeUInt16LE(1, 2)
  directory.writeUInt16LE(images.length, 4)
  let offset = directory.length
  images.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index
    directory.writeUInt8(size % 256, at)
    directory.writeUInt8(size % 256, at + 1)
    directory.writeUInt16LE(1, at + 4)
    directory.writeUInt16LE(32, at + 6)
    directory.writeUInt32LE(png.length, at + 8)
    directory.writeUInt32LE(offset, at + 12)
    offset += png.length
  })
  return Buffer.concat([directory, ...images.map(({ png }) => png)])
}

await mkdir(icons, { recursive: true })
const save = (name, bytes) => writeFile(new URL(name, icons), bytes)
const drawn = new Map()
for (const size of APP_SIZES) drawn.set(size, await draw('icon.svg', size))
for (const [size, png] of drawn) await save(`${size}x${size}.png`, png)
await save('icon.png', drawn.get(512))
await save('icon.ico', toIco(ICO_SIZES.map((size) => ({ size, png: drawn.get(size) }))))
// Trays on Linux are dark or light as their theme says: a colour that is seen on both.
await save('tray.png', await draw('tray.svg', 22, '#5AA9FF'))
await save('tray@2x.png', await draw('tray.svg', 44, '#5AA9FF'))
// macOS colours template images itself.
await save('trayTemplate.png', await draw('tray.svg', 16))
await save('trayTemplate@2x.png', await draw('tray.svg', 32))
await browser.close()
