/** Hands a text to the user as a file. */
export function downloadText(fileName: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The browser has taken hold of the data by the time the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 0)
}
