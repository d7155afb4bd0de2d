/** Grantee of a right that everybody has, as the registry's contract writes it. */
export const PUBLIC_GRANTEE = '0x0000000000000000000000000000000000000000'
