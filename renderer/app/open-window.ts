/** Another window of the portal at the same place: a tab in a browser, a window of its own on the desktop. */
export function openAnotherWindow(): void {
  window.open(location.href, '_blank', 'noopener')
}
