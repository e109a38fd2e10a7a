/** build.mjs gives a style sheet as minified text. */
declare module "*.css" {
  const text: string;
  export default text;
}
