import { isAbsolute, resolve } from 'node:path'
import { readDeepLink } from './deep-link.ts'

export interface DesktopArguments {
  /** Given with `--data DIR`; otherwise the system's custom decides. */
  dataDir: string | undefined
  /** `--hidden`: begin in the tray, as at login. */
  isHidden: boolean
  link: ReturnType<typeof readDeepLink>
}

/** Reads what follows the program. Chromium's own switches come with it and are left alone. */
export function readDesktopArguments(words: readonly string[], workingDir: string): DesktopArguments {
  const data = optionValue('--data', words)
  const links = words.map(readDeepLink).filter((link) => link !== null)
  return {
    dataDir: data === undefined || isAbsolute(data) ? data : resolve(workingDir, data),
    isHidden: words.includes('--hidden'),
    link: links[0] ?? null,
  }
}

function optionValue(option: string, words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith(`${option}=`))
  if (joined !== undefined) return joined.slice(option.length + 1) || undefined
  const index = words.indexOf(option)
  const next = index === -1 ? undefined : words[index + 1]
  return next?.startsWith('--') === true ? undefined : next
}
