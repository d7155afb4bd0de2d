// Runs before the first paint, so that a light window never flashes dark. The key is Mantine's own.
;(() => {
  let chosen = 'dark'
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value') ?? 'dark'
  } catch {
    chosen = 'dark' // Storage is refused: the default stands.
  }
  const prefersLight = matchMedia('(prefers-color-scheme: light)').matches
  const scheme = chosen === 'auto' ? (prefersLight ? 'light' : 'dark') : chosen === 'light' ? 'light' : 'dark'
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
})()
