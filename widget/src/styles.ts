/** The style sheets: the widget's own, and one line for the site's page. */
import { unsafeCSS } from "lit";
import own from "./styles.css";

/** On the site's page: a focused element is not hidden under the launcher. */
export const hostStyles = new CSSStyleSheet();
hostStyles.replaceSync("@media (min-width:30.01rem) and (min-height:26.01rem){html{scroll-padding-bottom:5.5rem}}");

export const styles = unsafeCSS(own);
