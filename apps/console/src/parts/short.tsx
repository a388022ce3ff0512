/** An id or a hash, shortened; the whole value is there on hover, on focus and for whoever copies it. */

export function Short({ value, what }: { value: string; what: string }) {
  const short = value.length <= 16 ? value : `${value.slice(0, 8)}…${value.slice(-4)}`
  return (
    <details className="short">
      <summary title={value}>
        <code>
          <span className="hidden">{what} </span>
          {short}
        </code>
      </summary>
      <code className="whole">{value}</code>
    </details>
  )
}
