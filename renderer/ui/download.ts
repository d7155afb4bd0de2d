/** Hands a text to the user as a file. */
export function downloadText(fileName: string, text: string, type: string): void {
  downloadBlob(fileName, new Blob([text], { type }))
}

/** Hands data to the user as a file. */
export function downloadBlob(fileName: string, blob: Blob): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The browser has taken hold of the data by the time the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 0)
}

/** Has the browser fetch a file from the portal's own host and save it as it comes. */
export function downloadFrom(path: string, fileName: string): void {
  const link = document.createElement('a')
  link.href = path
  link.download = fileName
  link.click()
}
