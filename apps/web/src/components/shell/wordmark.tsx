/** Sepal's mark: three sepals around three petals. */
export function Mark({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="-16 -16 32 32" aria-hidden="true" className={className}>
      {[0, 120, 240].map((angle) => (
        <path
          key={angle}
          transform={`rotate(${angle + 60})`}
          d="M0 0C4.6-3.4 4.2-9.4 0-13.4C-4.2-9.4-4.6-3.4 0 0Z"
          className="fill-leaf"
        />
      ))}
      {[0, 120, 240].map((angle) => (
        <path
          key={angle}
          transform={`rotate(${angle})`}
          d="M0 1C6.4-3.6 5.6-10.8 0-15.2C-5.6-10.8-6.4-3.6 0 1Z"
          className="fill-iris stroke-paper"
          strokeWidth="1.2"
        />
      ))}
    </svg>
  );
}
