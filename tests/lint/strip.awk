# strip.awk: C without its comments and the text of its literals, each line
# as FILE:LINE:CODE. Lines that include are kept as they are.
FNR == 1 { inside = 0 }

!inside && /^[ \t]*#[ \t]*include/ {
	print FILENAME ":" FNR ":" $0
	next
}

{
	line = $0
	code = ""
	while (line != "") {
		if (inside) {
			at = index(line, "*/")
			if (!at)
				break
			line = substr(line, at + 2)
			code = code " "
			inside = 0
			continue
		}
		if (!match(line, /["'\/]/)) {
			code = code line
			break
		}
		code = code substr(line, 1, RSTART - 1)
		line = substr(line, RSTART)
		if (substr(line, 1, 2) == "/*") {
			inside = 1
			line = substr(line, 3)
		} else if (substr(line, 1, 2) == "//") {
			break
		} else if (substr(line, 1, 1) == "/") {
			code = code "/"
			line = substr(line, 2)
		} else if (match(line, /^"([^"\\]|\\.)*"/)) {
			code = code "\"\""
			line = substr(line, RLENGTH + 1)
		} else if (match(line, /^'([^'\\]|\\.)*'/)) {
			code = code "''"
			line = substr(line, RLENGTH + 1)
		} else {
			break
		}
	}
	print FILENAME ":" FNR ":" code
}
