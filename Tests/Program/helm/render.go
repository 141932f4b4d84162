// Renders a chart as `helm template` does: Go templates with sprig's functions, and what Helm adds
// to them (https://helm.sh/docs/chart_template_guide/function_list/). Helm itself is no Debian
// package; the libraries that it is made of are.
//
//	render CHART RELEASE NAMESPACE < values.yaml > manifests.yaml
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type object = map[string]interface{}

func main() {
	if len(os.Args) != 4 {
		fail(errors.New("usage: render CHART RELEASE NAMESPACE < values.yaml"))
	}
	if err := render(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func render(chart, release, namespace string) error {
	values, about := object{}, object{}
	if err := read(filepath.Join(chart, "values.yaml"), &values); err != nil {
		return err
	}
	if err := read(filepath.Join(chart, "Chart.yaml"), &about); err != nil {
		return err
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	given := object{}
	if err := yaml.Unmarshal(input, &given); err != nil {
		return err
	}
	merge(values, given)

	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := root.New(filepath.Base(path)).Parse(string(text)); err != nil {
			return err
		}
	}
	data := object{
		"Values": values,
		// Helm's own type, whose fields begin with capitals.
		"Chart": object{
			"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"],
		},
		"Release": object{
			"Name": release, "Namespace": namespace, "Service": "Helm", "IsInstall": true,
			"IsUpgrade": false, "Revision": 1,
		},
	}
	for _, path := range paths {
		if !strings.HasSuffix(path, ".yaml") {
			continue
		}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, filepath.Base(path), data); err != nil {
			return err
		}
		// What was missing writes nothing (Helm's engine does the same).
		fmt.Printf("---\n# Source: %s\n%s\n", filepath.Base(path), strings.ReplaceAll(text.String(), "<no value>", ""))
	}
	return nil
}

func read(path string, into *object) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return yaml.Unmarshal(text, into)
}

// Puts given values over a chart's own, objects entry by entry; null removes.
func merge(values, given object) {
	for name, value := range given {
		inner, isObject := value.(object)
		former, wasObject := values[name].(object)
		switch {
		case value == nil:
			delete(values, name)
		case isObject && wasObject:
			merge(former, inner)
		default:
			values[name] = value
		}
	}
}

func functions(root *template.Template) template.FuncMap {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
	functions["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	return functions
}
