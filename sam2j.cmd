@echo off
rem Builds the command if it is missing, then runs it. After a change to the sources, run "mvn -pl cli -am package" or
rem delete cli\target\sam2j.jar. JAVA_HOME: the JDK to use, 17 or later. SAM2J_JAVA_OPTS: further options for Java.
setlocal
set "ROOT=%~dp0"
set "JAR=%ROOT%cli\target\sam2j.jar"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if exist "%JAR%" goto run
echo sam2j: building (once; later runs start at once) ... 1>&2
call mvn -q -B -f "%ROOT%pom.xml" -pl cli -am -DskipTests -Dspotless.check.skip -Dcheckstyle.skip -Denforcer.skip -Dmaven.javadoc.skip -Dsam2j.failOnWarning=false -Dstyle.color=never package 1>&2
if errorlevel 1 exit /b 1
:run
"%JAVA%" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC %SAM2J_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%
