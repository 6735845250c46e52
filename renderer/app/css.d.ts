/** A style sheet; of a `.module.css` the default export holds the names of its classes. */
declare module '*.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
