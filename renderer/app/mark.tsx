/** Tidemark's sign: the line that stays when the tide has gone. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 26 26"
      fill="none"
      strokeLinecap="round"
      role="img"
      aria-label="Tidemark"
    >
      <path d="M2 6.5h22" stroke="var(--tm-verified)" strokeWidth="2.4" />
      <path
        d="M2 14.5c3.7 0 3.7-4 7.3-4s3.7 4 7.4 4 3.6-4 7.3-4"
        stroke="var(--tm-accent)"
        strokeWidth="2.4"
      />
      <path
        d="M2 21c3.7 0 3.7-2.4 7.3-2.4s3.7 2.4 7.4 2.4 3.6-2.4 7.3-2.4"
        stroke="var(--tm-muted)"
        strokeWidth="1.8"
      />
    </svg>
  )
}
